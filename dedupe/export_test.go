package dedupe

// What the tests in package dedupe_test need of the inside.
const Vetoed = vetoed
