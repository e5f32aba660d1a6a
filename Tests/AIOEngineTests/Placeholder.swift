// AIOEngineTests
