//go:build race

package hours

// slowdown is what the race detector costs.
const slowdown = 20
