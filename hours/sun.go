package hours

import "math"

// sunTimes gives dawn, sunrise, sunset and dusk (civil: 6° below the horizon) of
// the day n at a place, in minutes after 00:00 UTC of that day, the minute in which they happen; they
// may lie outside 0..1440 far from Greenwich. ok is false where one of them does
// not happen that day. Good to about a minute between the polar circles.
func sunTimes(n int, longitude, latitude float64) (minutes [dusk + 1]int, ok bool) {
	lat := latitude * math.Pi / 180
	midnight := float64(n) - 10957.5 // days since 2000-01-01 12:00 UTC
	// at finds when the sun passes the altitude in the morning (-1) or evening
	// (1): the hour angle with the sun's position at noon, then at that time.
	at := func(altitude, direction float64) (int, bool) {
		t := 0.5 - longitude/360
		for range 3 {
			declination, equation := sunPosition(midnight + t)
			cosHour := (math.Sin(altitude*math.Pi/180) - math.Sin(lat)*math.Sin(declination)) / (math.Cos(lat) * math.Cos(declination))
			if !(cosHour >= -1 && cosHour <= 1) {
				return 0, false
			}
			t = 0.5 - longitude/360 - equation + direction*math.Acos(cosHour)/(2*math.Pi)
		}
		return int(math.Floor(t * 1440)), true
	}
	const horizon, civilTwilight = -0.833, -6 // horizon: refraction and the sun's radius
	ok = true
	for e, f := range [...]struct{ altitude, direction float64 }{
		dawn: {civilTwilight, -1}, sunrise: {horizon, -1}, sunset: {horizon, 1}, dusk: {civilTwilight, 1},
	} {
		if sunEvent(e) == noEvent {
			continue
		}
		m, happens := at(f.altitude, f.direction)
		minutes[e] = m
		ok = ok && happens
	}
	return minutes, ok
}

// sunPosition gives the sun's declination in radians and the equation of time in
// days (Meeus, Astronomical Algorithms, ch. 25, low accuracy). t is in days since
// 2000-01-01 12:00 UTC.
func sunPosition(t float64) (declination, equation float64) {
	const rad = math.Pi / 180
	longitude := math.Mod(280.46646+0.98564736*t, 360)
	anomaly := (357.52911 + 0.98560028*t) * rad
	center := 1.914602*math.Sin(anomaly) + 0.019993*math.Sin(2*anomaly) + 0.000289*math.Sin(3*anomaly)
	apparent := (longitude + center - 0.0057) * rad
	obliquity := (23.4393 - 0.00000036*t) * rad
	ascension := math.Atan2(math.Cos(obliquity)*math.Sin(apparent), math.Cos(apparent)) / rad
	difference := math.Mod(longitude-0.0057-ascension+540, 360) - 180
	return math.Asin(math.Sin(obliquity) * math.Sin(apparent)), difference / 360
}
