#version 460
// variant: gate_f32

float gate(float y, float z) { return y * z / (1.0 + exp(-z)); }

#define OP(a, b) gate(a, b)
#include "elementwise.glsl"
