//go:build !race

package hours

const slowdown = 1
