// Elementary functions, the polynomials of exp.go and the same steps.

#define LOG2E 1.44269504088896340736f

// vpart16 is vpart that takes all 16 too.
FN V vpart16(const float *p, ptrdiff_t n) { return n == 16 ? vload(p) : vpart(p, n); }

#ifndef SCALES
// vpower returns 2ⁿ for a whole n of -126 to 127.
FN V vpower(V n) { return vofbits(ishl(iadd(iwhole(n), iset(127)), 23)); }
// vscale returns p·2ⁿ, in two steps, so that the ends of the range come out as zero and infinity.
FN V vscale(V p, V n) {
	V half = vround(vmul(n, vset(0.5f)));
	return vmul(vmul(p, vpower(half)), vpower(vsub(n, half)));
}
#endif

// vexp returns eˣ.
FN V vexp(V x) {
	x = vmax(vset(-104), vmin(vset(89), x)); // in this order NaN stays
	V n = vround(vmul(x, vset(LOG2E)));
	V r = vfma(n, vset(-0x1.7f7d1cf79abcap-20f), vfma(n, vset(-0x1.62e4p-1f), x));
	V p = vset(0.00138141910482f);
	p = vfma(p, r, vset(0.00836891368526f));
	p = vfma(p, r, vset(0.0416684071803f));
	p = vfma(p, r, vset(0.166665190058f));
	p = vfma(p, r, vset(0.499999933381f));
	return vscale(vadd(vfma(vmul(p, r), r, r), vset(1)), n);
}

#ifdef SCALES
// vexp2 replaces n finite x by 2ˣ, step by step for all of them: one by one, each step would wait for the last. 2ˣ is
// 2ᵏ·2ᶠ for k, the nearest multiple of 1/16: a table has the power of its fraction, and f of at most 1/32 needs a short
// polynomial. Within 1 unit in the last place, as the other form is.
FN void vexp2(V *x, const int n) {
	static const float powers[16] ALIGNED = {
		1, 1.04427373f, 1.09050775f, 1.13878858f, 1.18920708f, 1.24185777f, 1.29683959f, 1.35425556f,
		1.41421354f, 1.47682619f, 1.54221082f, 1.61049032f, 1.68179286f, 1.75625217f, 1.8340081f, 1.91520655f,
	};
	T table = ttable(powers);
	V sixteenths = vset(0x1.8p19f); // which leaves 4 bits of a sum after the point
	V t[ABREAST], k[ABREAST], p[ABREAST];
	UNROLL for (int i = 0; i < n; i++) {
		__asm__("" : "+v"(x[i])); // or the compiler fuses the product that it is, here or there, with the sum
		t[i] = vadd(x[i], sixteenths);
	}
	UNROLL for (int i = 0; i < n; i++) k[i] = vsub(t[i], sixteenths);
	UNROLL for (int i = 0; i < n; i++) x[i] = vsub(x[i], k[i]);
	UNROLL for (int i = 0; i < n; i++) t[i] = vlookup(table, ibitsof(t[i]));
	UNROLL for (int i = 0; i < n; i++) p[i] = vfma(vset(0.0555050857365f), x[i], vset(0.240233555436f));
	UNROLL for (int i = 0; i < n; i++) p[i] = vfma(p[i], x[i], vset(0.693147182465f));
	UNROLL for (int i = 0; i < n; i++) p[i] = vmul(p[i], x[i]);
	UNROLL for (int i = 0; i < n; i++) t[i] = vfma(t[i], p[i], t[i]);
	UNROLL for (int i = 0; i < n; i++) x[i] = vscale(t[i], k[i]);
}
#else
// vexp2 replaces n x by 2ˣ. It keeps them within -126 and 127.
FN void vexp2(V *x, const int n) {
	UNROLL for (int i = 0; i < n; i++) {
		V v = vmax(vset(-126), vmin(vset(127), x[i]));
		V whole = vround(v), f = vsub(v, whole);
		V p = vset(0.000154699975483f);
		p = vfma(p, f, vset(0.00134103077643f));
		p = vfma(p, f, vset(0.00961802999257f));
		p = vfma(p, f, vset(0.0555029640164f));
		p = vfma(p, f, vset(0.240226510888f));
		p = vfma(p, f, vset(0.693147225936f));
		p = vfma(p, f, vset(1));
		x[i] = vofbits(iadd(ibitsof(p), ishl(iwhole(whole), 23)));
	}
}
#endif

// vlog1p returns log(1+u) for 0 ≤ u ≤ 1: 2·artanh(u/(2+u)).
FN V vlog1p(V u) {
	V s = vdiv(u, vadd(u, vset(2)));
	V z = vmul(s, s);
	V p = vset(0.140122294377f);
	p = vfma(p, z, vset(0.139995705352f));
	p = vfma(p, z, vset(0.200108495298f));
	p = vfma(p, z, vset(0.333332065664f));
	s = vadd(s, s);
	return vfma(s, vmul(z, p), s);
}

// vsoftplus returns log(1+eˣ).
FN V vsoftplus(V x) { return vadd(vmax(vzero(), x), vlog1p(vexp(vsub(vzero(), vabs(x))))); }

// vsilu returns x·sigmoid(x).
FN V vsilu(V x) { return vdiv(x, vadd(vset(1), vexp(vsub(vzero(), x)))); }
