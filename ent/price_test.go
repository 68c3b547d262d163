package ent

import "testing"

// Whether something is free follows from its amounts where nobody says it; what these do not say stays unknown.
func TestPriceFree(t *testing.T) {
	t.Parallel()
	cents := func(n int) *int { return &n }
	yes, no := true, false
	for _, c := range []struct {
		price Price
		want  *bool
	}{
		{Price{}, nil},
		{Price{FromCents: cents(500)}, &no},
		{Price{ToCents: cents(500)}, &no},
		{Price{FromCents: cents(0), ToCents: cents(500)}, &no},
		{Price{FromCents: cents(0), ToCents: cents(0)}, &yes},
		{Price{ToCents: cents(0)}, &yes},
		{Price{FromCents: cents(0)}, nil},
		{Price{FromCents: cents(-1)}, nil},
		{Price{Free: &no, FromCents: cents(0)}, &no},
		{Price{Free: &yes}, &yes},
	} {
		p := c.price
		p.normalize()
		if (p.Free == nil) != (c.want == nil) || p.Free != nil && *p.Free != *c.want {
			t.Errorf("%+v: got %v, want %v", c.price, p.Free, c.want)
		}
	}
}
