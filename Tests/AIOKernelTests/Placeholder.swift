// AIOKernelTests
