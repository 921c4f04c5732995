package results

import (
	"fmt"
	"math"
)

// A Rate is a speed that was measured several times: the median of the runs, their standard deviation, and how many
// there were, 0 where that is not known.
type Rate struct {
	Median, Spread float64
	Runs           int
}

// A Ratio is of two speeds. In 95 of 100 cases the true one is from Low to High, as far as runs of one session tell;
// where they tell nothing, as one run does, Low is 0 and High is infinite.
type Ratio struct{ Value, Low, High float64 }

// Over returns how many times as fast r is as base.
//
// The logarithm of a median is about as far from the true one as the relative spread of the runs over the root of
// their number, times √(π/2), since it is a median and not a mean. Both errors add as squares, and Student's
// distribution with Welch's number of degrees of freedom says how many of them the interval has to span.
func (r Rate) Over(base Rate) Ratio {
	v := Ratio{Value: r.Median / base.Median, High: math.Inf(1)}
	if r.Runs < 2 || base.Runs < 2 {
		return v
	}
	a, b := r.variance(), base.variance()
	if a+b == 0 {
		v.Low, v.High = v.Value, v.Value
		return v
	}
	free := (a + b) * (a + b) / (a*a/float64(r.Runs-1) + b*b/float64(base.Runs-1))
	span := math.Exp(student(free) * math.Sqrt(a+b))
	v.Low, v.High = v.Value/span, v.Value*span
	return v
}

// variance is that of the logarithm of the median.
func (r Rate) variance() float64 {
	s := r.Spread / r.Median
	return math.Pi / 2 * s * s / float64(r.Runs)
}

// Interval returns where the true speed is in 95 of 100 cases.
func (r Rate) Interval() (low, high float64) {
	if r.Runs < 2 {
		return r.Median, r.Median
	}
	span := math.Exp(student(float64(r.Runs-1)) * math.Sqrt(r.variance()))
	return r.Median / span, r.Median * span
}

// students has the bounds of 95 of 100 cases of Student's distribution with 1, 2, … degrees of freedom.
var students = [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
	2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086}

// student returns the bound for a number of degrees of freedom, and none smaller than the true one.
func student(free float64) float64 {
	switch {
	case !(free >= 1):
		return students[0]
	case free < float64(len(students)+1):
		return students[int(free)-1]
	case free < 60:
		return students[len(students)-1]
	}
	return 2.0003
}

// A Verdict says what an interval shows.
type Verdict string

// The verdicts.
const (
	Faster  Verdict = "faster"
	Slower  Verdict = "slower"
	Even    Verdict = "no difference" // the interval has 1 in it
	Unknown Verdict = "not known"     // there is no interval
)

// Verdict says which is faster, if that is sure.
func (r Ratio) Verdict() Verdict {
	switch {
	case math.IsInf(r.High, 1):
		return Unknown
	case r.Low > 1:
		return Faster
	case r.High < 1:
		return Slower
	}
	return Even
}

// Sure reports whether the interval is there.
func (r Ratio) Sure() bool { return !math.IsInf(r.High, 1) }

// String writes "1.32 (1.29–1.36)".
func (r Ratio) String() string {
	if !r.Sure() {
		return Times(r.Value)
	}
	return fmt.Sprintf("%s (%s–%s)", Times(r.Value), Times(r.Low), Times(r.High))
}

// Times writes a ratio in three digits.
func Times(v float64) string {
	switch {
	case v >= 100 && v < 1e6:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 && v < 100:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1 && v < 10:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
