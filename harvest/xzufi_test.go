package harvest

import (
	"testing"
)

func TestXZuFi(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, XZuFi{})
}
