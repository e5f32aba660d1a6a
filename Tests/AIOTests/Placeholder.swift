// AIOTests
