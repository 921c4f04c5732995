#version 460
// variant: add_f32

#define OP(a, b) ((a) + (b))
#include "elementwise.glsl"
