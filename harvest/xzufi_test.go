package harvest

import (
	"os"
	"testing"
)

func TestXZuFi(t *testing.T) {
	t.Parallel()
	fixtureFiles(t, XZuFi{})
}

func TestXZuFiMutations(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/xzufi/leistungen.xml")
	if err != nil {
		t.Fatal(err)
	}
	fixtureMutations(t, XZuFi{}, body, nil)
}
