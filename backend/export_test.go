package backend

// SwapDrivers makes these the program's drivers and returns those before.
func SwapDrivers(some map[string]Driver) map[string]Driver {
	driversMu.Lock()
	defer driversMu.Unlock()
	before := drivers
	drivers = some
	return before
}

// Activations is one past the last activation.
const Activations = activations

// Lacks is what an unknown backend is told of this build.
const Lacks = lacks
