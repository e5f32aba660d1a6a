let readable: UInt32 = 1  // POLLIN
let writable: UInt32 = 4  // POLLOUT
