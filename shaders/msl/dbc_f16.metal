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

constant uint _127_tmp [[function_constant(0)]];
constant uint _127 = is_function_constant_defined(_127_tmp) ? _127_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_127, 1u, 1u);
constant uint _132 = gl_WorkGroupSize.x;
constant uint _133 = (_132 / 2u);

struct Src
{
    float src[1];
};

struct DT
{
    uint2 dt[1];
};

struct BC
{
    float bc[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _101)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_101.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint stored_rows(thread const uint& rows, constant Params& p)
{
    return (((rows + p.tile) - 1u) / p.tile) * p.tile;
}

static inline __attribute__((always_inline))
void add_up(thread const uint& r, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Src& _221, threadgroup float (&row)[2048])
{
    for (uint i = gl_LocalInvocationIndex; i < (p.rank + (2u * p.states)); i += gl_WorkGroupSize.x)
    {
        float v = 0.0;
        for (uint n = 0u; (n < p.parts) && (r < rows); n++)
        {
            v += _221.src[((p.src_off + (n * p.part)) + (r * p.src_stride)) + i];
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
    for (uint n = _133; n > 0u; n /= 2u)
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
        float _281 = rms_square(param);
        sum += _281;
    }
    float param_1 = sum;
    float _289 = workgroup_sum(param_1, gl_LocalInvocationIndex, partial);
    float param_2 = _289;
    uint param_3 = count;
    float param_4 = p.eps;
    return rms_scale(param_2, param_3, param_4);
}

static inline __attribute__((always_inline))
uint2 pack_half4(thread float4& v)
{
    v = select(v, sign(v) * 65504.0, abs(v) > float4(65504.0));
    return uint2(as_type<uint>(half2(v.xy)), as_type<uint>(half2(v.zw)));
}

static inline __attribute__((always_inline))
void store_dt(thread const uint& r, thread const float& scale, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&row)[2048], device DT& __restrict _349)
{
    for (uint w = gl_LocalInvocationIndex; w < p.dt_pitch; w += gl_WorkGroupSize.x)
    {
        float4 v = float4(0.0);
        uint i = 0u;
        for (;;)
        {
            bool _323 = i < 4u;
            bool _333;
            if (_323)
            {
                _333 = ((4u * w) + i) < p.rank;
            }
            else
            {
                _333 = _323;
            }
            if (_333)
            {
                v[i] = row[(4u * w) + i] * scale;
                i++;
                continue;
            }
            else
            {
                break;
            }
        }
        float4 param = v;
        uint2 _362 = pack_half4(param);
        _349.dt[(p.dt_off + (r * p.dt_pitch)) + w] = _362;
    }
}

static inline __attribute__((always_inline))
void store_bc(thread const uint& r, thread const float& scale_b, thread const float& scale_c, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&row)[2048], device BC& __restrict _397)
{
    for (uint i = gl_LocalInvocationIndex; i < (2u * p.states); i += gl_WorkGroupSize.x)
    {
        _397.bc[(p.bc_off + (r * p.bc_stride)) + i] = row[p.rank + i] * ((i < p.states) ? scale_b : scale_c);
    }
}

kernel void dbc_f16(constant Params& p [[buffer(0)]], const device Src& _221 [[buffer(1)]], device DT& __restrict _349 [[buffer(2)]], device BC& __restrict _397 [[buffer(3)]], const device Live& _101 [[buffer(4)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    threadgroup float row[2048];
    uint rows = live_rows(p, _101);
    uint param = rows;
    uint end = stored_rows(param, p);
    for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x)
    {
        uint param_1 = r;
        uint param_2 = rows;
        add_up(param_1, param_2, p, gl_LocalInvocationIndex, _221, row);
        uint param_3 = 0u;
        uint param_4 = p.rank;
        float _456 = norm_scale(param_3, param_4, p, gl_LocalInvocationIndex, partial, row);
        float scale_dt = _456;
        uint param_5 = p.rank;
        uint param_6 = p.states;
        float _464 = norm_scale(param_5, param_6, p, gl_LocalInvocationIndex, partial, row);
        float scale_b = _464;
        uint param_7 = p.rank + p.states;
        uint param_8 = p.states;
        float _475 = norm_scale(param_7, param_8, p, gl_LocalInvocationIndex, partial, row);
        float scale_c = _475;
        uint param_9 = r;
        float param_10 = scale_dt;
        store_dt(param_9, param_10, p, gl_LocalInvocationIndex, row, _349);
        if (r < rows)
        {
            uint param_11 = r;
            float param_12 = scale_b;
            float param_13 = scale_c;
            store_bc(param_11, param_12, param_13, p, gl_LocalInvocationIndex, row, _397);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

