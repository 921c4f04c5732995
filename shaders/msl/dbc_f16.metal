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

constant uint _107_tmp [[function_constant(0)]];
constant uint _107 = is_function_constant_defined(_107_tmp) ? _107_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_107, 1u, 1u);
constant uint _112 = gl_WorkGroupSize.x;
constant uint _113 = (_112 / 2u);

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
uint live_rows(constant Params& p, const device Live& _81)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_81.live[p.live_off], 0)));
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
    for (uint n = _113; n > 0u; n /= 2u)
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
float scale(thread const uint& from, thread const uint& count, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256], threadgroup float (&row)[2048])
{
    if (p.norm == 0u)
    {
        return 1.0;
    }
    float sum = 0.0;
    for (uint i = gl_LocalInvocationIndex; i < count; i += gl_WorkGroupSize.x)
    {
        float param = row[from + i];
        float _194 = rms_square(param);
        sum += _194;
    }
    float param_1 = sum;
    float _202 = workgroup_sum(param_1, gl_LocalInvocationIndex, partial);
    float param_2 = _202;
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

kernel void dbc_f16(constant Params& p [[buffer(0)]], const device Src& _278 [[buffer(1)]], device DT& __restrict _382 [[buffer(2)]], device BC& __restrict _421 [[buffer(3)]], const device Live& _81 [[buffer(4)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    threadgroup float row[2048];
    uint rows = live_rows(p, _81);
    uint end = (((rows + p.tile) - 1u) / p.tile) * p.tile;
    for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x)
    {
        for (uint i = gl_LocalInvocationIndex; i < (p.rank + (2u * p.states)); i += gl_WorkGroupSize.x)
        {
            float v = 0.0;
            for (uint n = 0u; (n < p.parts) && (r < rows); n++)
            {
                v += _278.src[((p.src_off + (n * p.part)) + (r * p.src_stride)) + i];
            }
            row[i] = v;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint param = 0u;
        uint param_1 = p.rank;
        float _314 = scale(param, param_1, p, gl_LocalInvocationIndex, partial, row);
        float unit = _314;
        uint param_2 = p.rank;
        uint param_3 = p.states;
        float _322 = scale(param_2, param_3, p, gl_LocalInvocationIndex, partial, row);
        float unit_b = _322;
        uint param_4 = p.rank + p.states;
        uint param_5 = p.states;
        float _333 = scale(param_4, param_5, p, gl_LocalInvocationIndex, partial, row);
        float unit_c = _333;
        for (uint w = gl_LocalInvocationIndex; w < p.dt_pitch; w += gl_WorkGroupSize.x)
        {
            float4 v_1 = float4(0.0);
            uint i_1 = 0u;
            for (;;)
            {
                bool _356 = i_1 < 4u;
                bool _366;
                if (_356)
                {
                    _366 = ((4u * w) + i_1) < p.rank;
                }
                else
                {
                    _366 = _356;
                }
                if (_366)
                {
                    v_1[i_1] = row[(4u * w) + i_1] * unit;
                    i_1++;
                    continue;
                }
                else
                {
                    break;
                }
            }
            float4 param_6 = v_1;
            uint2 _395 = pack_half4(param_6);
            _382.dt[(p.dt_off + (r * p.dt_pitch)) + w] = _395;
        }
        if (r < rows)
        {
            for (uint i_2 = gl_LocalInvocationIndex; i_2 < (2u * p.states); i_2 += gl_WorkGroupSize.x)
            {
                _421.bc[(p.bc_off + (r * p.bc_stride)) + i_2] = row[p.rank + i_2] * ((i_2 < p.states) ? unit_b : unit_c);
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

