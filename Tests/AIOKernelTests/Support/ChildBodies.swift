import Glibc

/// Ends by SIGKILL: other signals would have a backtrace printed.
func killMyself() -> Int32 {
    kill(getpid(), SIGKILL)
    return 0
}

/// Never returns, until a signal ends it.
func sleepForEver() -> Int32 {
    while true { pause() }
}
