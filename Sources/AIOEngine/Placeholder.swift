// AIOEngine
