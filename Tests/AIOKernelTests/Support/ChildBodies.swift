import Glibc

/// Kills the process with SIGKILL, as other signals would print a backtrace.
func killMyself() -> Int32 {
    kill(getpid(), SIGKILL)
    return 0
}

/// Sleeps until a signal kills the process.
func sleepForEver() -> Int32 {
    while true { pause() }
}
