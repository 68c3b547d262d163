package harvest

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// columnProjected takes metres north and east, in either order, and gives degrees where the zone is known: UTM of ETRS89 by the option "crs" of the
// source (EPSG:25832, EPSG:25833, or the same of WGS 84), or by an easting that begins with its zone (32405248). Gauß-Krüger would need a change of
// the datum, which is not made here: it is refused.
func columnProjected(crs string, a, b float64) (lat, lon float64, err error) {
	north, east := max(a, b), min(a, b)
	zone := columnUTMZone(crs)
	if north >= 31e6 && north < 34e6 { // the easting with its zone is the larger one
		east, north = north, east
	}
	if prefix := math.Floor(east / 1e6); prefix >= 31 && prefix <= 33 {
		zone, east = int(prefix), east-prefix*1e6
	}
	switch {
	case crs != "" && zone == 0:
		return 0, 0, fmt.Errorf("das Koordinatensystem %s wird nicht gelesen; gebraucht werden Grad (WGS 84) oder UTM (EPSG:25832, EPSG:25833)", valueQuote(crs))
	case zone == 0 && east >= 2.4e6 && east < 5.8e6 && north >= 5.2e6 && north < 6.2e6:
		return 0, 0, errors.New("die Koordinaten sind Gauß-Krüger-Werte; gebraucht werden Grad (WGS 84)")
	case zone == 0 && east >= 1e5 && east < 1e6 && north >= 5.2e6 && north < 6.2e6:
		return 0, 0, errors.New("die Koordinaten sind UTM-Werte ohne Zone; sie kann in den Einstellungen der Quelle stehen („crs“: EPSG:25832 oder EPSG:25833)")
	case zone == 0 || east < 1e5 || east >= 1e6 || north < 5.2e6 || north >= 6.2e6:
		return 0, 0, fmt.Errorf("die Koordinaten %s und %s sind keine Grad (WGS 84)", valueFloat(a), valueFloat(b))
	}
	lat, lon = columnUTM(zone, east, north)
	return lat, lon, nil
}

// columnUTMZone gives the zone of a system that is UTM of ETRS89 or WGS 84, else 0.
func columnUTMZone(crs string) int {
	for code, zone := range map[string]int{"25831": 31, "32631": 31, "25832": 32, "32632": 32, "4647": 32, "25833": 33, "32633": 33, "5650": 33} {
		if strings.HasSuffix(strings.TrimSpace(crs), code) {
			return zone
		}
	}
	return 0
}

// columnUTM is the way back from UTM on the GRS80 ellipsoid (Krüger's series to the third order, exact to a millimetre within a zone).
func columnUTM(zone int, east, north float64) (lat, lon float64) {
	const (
		a, f = 6378137.0, 1 / 298.257222101
		n    = f / (2 - f)
		k0   = 0.9996
	)
	radius := a / (1 + n) * (1 + n*n/4 + n*n*n*n/64)
	xi, eta := north/(k0*radius), (east-500000)/(k0*radius)
	beta := [...]float64{n/2 - 2*n*n/3 + 37*n*n*n/96, n*n/48 + n*n*n/15, 17 * n * n * n / 480}
	x, y := xi, eta
	for j, b := range beta {
		k := 2 * float64(j+1)
		x -= b * math.Sin(k*xi) * math.Cosh(k*eta)
		y -= b * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	chi := math.Asin(math.Sin(x) / math.Cosh(y))
	delta := [...]float64{2*n - 2*n*n/3 - 2*n*n*n, 7*n*n/3 - 8*n*n*n/5, 56 * n * n * n / 15}
	lat = chi
	for j, d := range delta {
		lat += d * math.Sin(2*float64(j+1)*chi)
	}
	lon = math.Atan2(math.Sinh(y), math.Cos(x))
	return lat * 180 / math.Pi, lon*180/math.Pi + float64(6*zone-183)
}
