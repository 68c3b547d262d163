package resolvers_test

import (
	"testing"

	"umland/store/storetest"
)

func TestX(t *testing.T) {
	st := storetest.New(t)
	t.Log(st.Municipality("12069020"), len(st.RegionsOf("12069020")))
	for _, g := range st.RegionsOf("12069020") {
		t.Log(*g)
	}

}
