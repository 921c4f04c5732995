#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint rank;
    uint states;
    uint norm;
    uint parts;
    uint part;
    uint src_off;
    uint src_stride;
    uint tile;
    uint dt_off;
    uint dt_pitch;
    uint bc_off;
    uint bc_stride;
    uint live_off;
    float eps;
};

struct Live
{
    int live[1];
};

constant uint _99_tmp [[function_constant(0)]];
constant uint _99 = is_function_constant_defined(_99_tmp) ? _99_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_99, 1u, 1u);
constant uint _104 = gl_WorkGroupSize.x;
constant uint _105 = (_104 / 2u);

struct Src
{
    float src[1];
};

struct DT
{
    float dt[1];
};

struct BC
{
    float bc[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _73)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_73.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint stored_rows(thread const uint& rows)
{
    return rows;
}

static inline __attribute__((always_inline))
void add_up(thread const uint& r, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Src& _193, threadgroup float (&row)[2048])
{
    for (uint i = gl_LocalInvocationIndex; i < (p.rank + (2u * p.states)); i += gl_WorkGroupSize.x)
    {
        float v = 0.0;
        for (uint n = 0u; (n < p.parts) && (r < rows); n++)
        {
            v += _193.src[((p.src_off + (n * p.part)) + (r * p.src_stride)) + i];
        }
        row[i] = v;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
float workgroup_sum(thread const float& x, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256])
{
    uint i = gl_LocalInvocationIndex;
    partial[i] = x;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _105; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            partial[i] += partial[i + n];
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    float sum = partial[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return sum;
}

static inline __attribute__((always_inline))
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float norm_scale(thread const uint& from, thread const uint& count, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256], threadgroup float (&row)[2048])
{
    if (p.norm == 0u)
    {
        return 1.0;
    }
    float sum = 0.0;
    for (uint i = gl_LocalInvocationIndex; i < count; i += gl_WorkGroupSize.x)
    {
        float param = row[from + i];
        float _253 = rms_square(param);
        sum += _253;
    }
    float param_1 = sum;
    float _261 = workgroup_sum(param_1, gl_LocalInvocationIndex, partial);
    float param_2 = _261;
    uint param_3 = count;
    float param_4 = p.eps;
    return rms_scale(param_2, param_3, param_4);
}

static inline __attribute__((always_inline))
void store_dt(thread const uint& r, thread const float& scale, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&row)[2048], device DT& __restrict _287)
{
    for (uint i = gl_LocalInvocationIndex; i < p.rank; i += gl_WorkGroupSize.x)
    {
        _287.dt[(p.dt_off + (r * p.dt_pitch)) + i] = row[i] * scale;
    }
}

static inline __attribute__((always_inline))
void store_bc(thread const uint& r, thread const float& scale_b, thread const float& scale_c, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&row)[2048], device BC& __restrict _326)
{
    for (uint i = gl_LocalInvocationIndex; i < (2u * p.states); i += gl_WorkGroupSize.x)
    {
        _326.bc[(p.bc_off + (r * p.bc_stride)) + i] = row[p.rank + i] * ((i < p.states) ? scale_b : scale_c);
    }
}

kernel void dbc_f32(constant Params& p [[buffer(0)]], const device Src& _193 [[buffer(1)]], device DT& __restrict _287 [[buffer(2)]], device BC& __restrict _326 [[buffer(3)]], const device Live& _73 [[buffer(4)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    threadgroup float row[2048];
    uint rows = live_rows(p, _73);
    uint param = rows;
    uint end = stored_rows(param);
    for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x)
    {
        uint param_1 = r;
        uint param_2 = rows;
        add_up(param_1, param_2, p, gl_LocalInvocationIndex, _193, row);
        uint param_3 = 0u;
        uint param_4 = p.rank;
        float _385 = norm_scale(param_3, param_4, p, gl_LocalInvocationIndex, partial, row);
        float scale_dt = _385;
        uint param_5 = p.rank;
        uint param_6 = p.states;
        float _393 = norm_scale(param_5, param_6, p, gl_LocalInvocationIndex, partial, row);
        float scale_b = _393;
        uint param_7 = p.rank + p.states;
        uint param_8 = p.states;
        float _404 = norm_scale(param_7, param_8, p, gl_LocalInvocationIndex, partial, row);
        float scale_c = _404;
        uint param_9 = r;
        float param_10 = scale_dt;
        store_dt(param_9, param_10, p, gl_LocalInvocationIndex, row, _287);
        if (r < rows)
        {
            uint param_11 = r;
            float param_12 = scale_b;
            float param_13 = scale_c;
            store_bc(param_11, param_12, param_13, p, gl_LocalInvocationIndex, row, _326);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

