// AIO
