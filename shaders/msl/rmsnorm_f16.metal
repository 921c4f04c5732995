#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint tile;
    uint pitch;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint weight_off;
    uint live_off;
    float eps;
};

struct Live
{
    int live[1];
};

constant uint _106_tmp [[function_constant(0)]];
constant uint _106 = is_function_constant_defined(_106_tmp) ? _106_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_106, 1u, 1u);
constant uint _111 = gl_WorkGroupSize.x;
constant uint _112 = (_111 / 2u);
constant bool WIDE_tmp [[function_constant(1)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct Src
{
    float4 src[1];
};

struct From
{
    uint from[1];
};

constant uint _350 = gl_WorkGroupSize.x;
constant uint _351 = (4u * _350);

struct Weight
{
    float weight[1];
};

struct Dst
{
    uint2 dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _59)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_59.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& c, constant Params& p, const device Src& _179, thread uint& row)
{
    bool _173;
    if (WIDE)
    {
        _173 = (c + 4u) <= p.cols;
    }
    else
    {
        _173 = WIDE;
    }
    if (_173)
    {
        return _179.src[(row + c) / 4u];
    }
    float4 v = float4(0.0);
    uint i = 0u;
    for (;;)
    {
        bool _200 = i < 4u;
        bool _209;
        if (_200)
        {
            _209 = (c + i) < p.cols;
        }
        else
        {
            _209 = _200;
        }
        if (_209)
        {
            v[i] = ((device float*)&_179.src[((row + c) + i) / 4u])[((row + c) + i) % 4u];
            i++;
            continue;
        }
        else
        {
            break;
        }
    }
    return v;
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
    for (uint n = _112; n > 0u; n /= 2u)
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
uint2 pack_half4(thread float4& v)
{
    v = select(v, sign(v) * 65504.0, abs(v) > float4(65504.0));
    return uint2(as_type<uint>(half2(v.xy)), as_type<uint>(half2(v.zw)));
}

kernel void rmsnorm_f16(constant Params& p [[buffer(0)]], device Dst& __restrict _436 [[buffer(1)]], const device Src& _179 [[buffer(2)]], const device From& _283 [[buffer(3)]], const device Weight& _417 [[buffer(4)]], const device Live& _59 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    uint rows = live_rows(p, _59);
    uint end = (((rows + p.tile) - 1u) / p.tile) * p.tile;
    uint row;
    uint _264;
    uint _275;
    for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x)
    {
        if (r >= rows)
        {
            _264 = p.src_rows;
        }
        else
        {
            if (p.from_off == 4294967295u)
            {
                _275 = r;
            }
            else
            {
                _275 = _283.from[p.from_off + (r * p.from_stride)];
            }
            _264 = _275;
        }
        uint s = _264;
        bool some = s < p.src_rows;
        row = p.src_off + ((some ? s : 0u) * p.src_stride);
        float scale = 1.0;
        float sum = 0.0;
        uint _319 = 4u * gl_LocalInvocationIndex;
        for (uint c = _319; c < p.cols; c += _351)
        {
            uint param = c;
            float4 v = src4(param, p, _179, row);
            for (uint i = 0u; i < 4u; i++)
            {
                float param_1 = v[i];
                float _345 = rms_square(param_1);
                sum += _345;
            }
        }
        float param_2 = sum;
        float _356 = workgroup_sum(param_2, gl_LocalInvocationIndex, partial);
        float param_3 = _356;
        uint param_4 = p.cols;
        float param_5 = p.eps;
        scale = rms_scale(param_3, param_4, param_5);
        for (uint w = gl_LocalInvocationIndex; w < p.pitch; w += gl_WorkGroupSize.x)
        {
            float4 v_1 = float4(0.0);
            if (some)
            {
                uint param_6 = 4u * w;
                v_1 = src4(param_6, p, _179, row) * scale;
                if (p.weight_off != 4294967295u)
                {
                    uint i_1 = 0u;
                    for (;;)
                    {
                        bool _402 = i_1 < 4u;
                        bool _412;
                        if (_402)
                        {
                            _412 = ((4u * w) + i_1) < p.cols;
                        }
                        else
                        {
                            _412 = _402;
                        }
                        if (_412)
                        {
                            v_1[i_1] *= _417.weight[(p.weight_off + (4u * w)) + i_1];
                            i_1++;
                            continue;
                        }
                        else
                        {
                            break;
                        }
                    }
                }
            }
            float4 param_7 = v_1;
            uint2 _445 = pack_half4(param_7);
            _436.dst[(r * p.pitch) + w] = _445;
        }
    }
}

