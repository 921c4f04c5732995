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

constant uint _119_tmp [[function_constant(0)]];
constant uint _119 = is_function_constant_defined(_119_tmp) ? _119_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_119, 1u, 1u);
constant uint _124 = gl_WorkGroupSize.x;
constant uint _125 = (_124 / 2u);
constant bool WIDE_tmp [[function_constant(1)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct Src
{
    float4 src[1];
};

constant uint _279 = gl_WorkGroupSize.x;
constant uint _280 = (4u * _279);

struct Weight
{
    float weight[1];
};

constant uint STRIP_tmp [[function_constant(2)]];
constant uint STRIP = is_function_constant_defined(STRIP_tmp) ? STRIP_tmp : 0u;
constant bool _341 = (STRIP == 0u);

struct From
{
    uint from[1];
};

struct Dst
{
    uint2 dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _72)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_72.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& c, constant Params& p, const device Src& _192, thread uint& row)
{
    bool _186;
    if (WIDE)
    {
        _186 = (c + 4u) <= p.cols;
    }
    else
    {
        _186 = WIDE;
    }
    if (_186)
    {
        return _192.src[(row + c) / 4u];
    }
    float4 v = float4(0.0);
    uint i = 0u;
    for (;;)
    {
        bool _213 = i < 4u;
        bool _222;
        if (_213)
        {
            _222 = (c + i) < p.cols;
        }
        else
        {
            _222 = _213;
        }
        if (_222)
        {
            v[i] = ((device float*)&_192.src[((row + c) + i) / 4u])[((row + c) + i) % 4u];
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
    for (uint n = _125; n > 0u; n /= 2u)
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
float norm_scale(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256], const device Src& _192, thread uint& row)
{
    float sum = 0.0;
    uint _248 = 4u * gl_LocalInvocationIndex;
    for (uint c = _248; c < p.cols; c += _280)
    {
        uint param = c;
        float4 v = src4(param, p, _192, row);
        for (uint i = 0u; i < 4u; i++)
        {
            float param_1 = v[i];
            float _274 = rms_square(param_1);
            sum += _274;
        }
    }
    float param_2 = sum;
    float _285 = workgroup_sum(param_2, gl_LocalInvocationIndex, partial);
    float param_3 = _285;
    uint param_4 = p.cols;
    float param_5 = p.eps;
    return rms_scale(param_3, param_4, param_5);
}

static inline __attribute__((always_inline))
void multiply_weight(thread float4& v, thread const uint& c, constant Params& p, const device Weight& _325)
{
    if (p.weight_off != 4294967295u)
    {
        uint i = 0u;
        for (;;)
        {
            bool _311 = i < 4u;
            bool _320;
            if (_311)
            {
                _320 = (c + i) < p.cols;
            }
            else
            {
                _320 = _311;
            }
            if (_320)
            {
                v[i] *= _325.weight[(p.weight_off + c) + i];
                i++;
                continue;
            }
            else
            {
                break;
            }
        }
    }
}

static inline __attribute__((always_inline))
uint place(thread const uint& r, thread const uint& w, constant Params& p)
{
    if (_341)
    {
        return (r * p.pitch) + w;
    }
    return (((((((w / 2u) / STRIP) * p.tile) + r) * STRIP) + ((w / 2u) % STRIP)) * 2u) + (w % 2u);
}

static inline __attribute__((always_inline))
uint2 pack_half4(thread float4& v)
{
    v = select(v, sign(v) * 65504.0, abs(v) > float4(65504.0));
    return uint2(as_type<uint>(half2(v.xy)), as_type<uint>(half2(v.zw)));
}

kernel void rmsnorm_f16(constant Params& p [[buffer(0)]], device Dst& __restrict _486 [[buffer(1)]], const device Src& _192 [[buffer(2)]], const device From& _422 [[buffer(3)]], const device Weight& _325 [[buffer(4)]], const device Live& _72 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    uint rows = live_rows(p, _72);
    uint end = (((rows + p.tile) - 1u) / p.tile) * p.tile;
    uint row;
    uint _403;
    uint _414;
    for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x)
    {
        if (r >= rows)
        {
            _403 = p.src_rows;
        }
        else
        {
            if (p.from_off == 4294967295u)
            {
                _414 = r;
            }
            else
            {
                _414 = _422.from[p.from_off + (r * p.from_stride)];
            }
            _403 = _414;
        }
        uint s = _403;
        bool some = s < p.src_rows;
        row = p.src_off + ((some ? s : 0u) * p.src_stride);
        float _454 = norm_scale(p, gl_LocalInvocationIndex, partial, _192, row);
        float scale = _454;
        for (uint w = gl_LocalInvocationIndex; w < p.pitch; w += gl_WorkGroupSize.x)
        {
            float4 v = float4(0.0);
            if (some)
            {
                uint param = 4u * w;
                v = src4(param, p, _192, row) * scale;
                float4 param_1 = v;
                uint param_2 = 4u * w;
                multiply_weight(param_1, param_2, p, _325);
                v = param_1;
            }
            uint param_3 = r;
            uint param_4 = w;
            float4 param_5 = v;
            uint2 _494 = pack_half4(param_5);
            _486.dst[place(param_3, param_4, p)] = _494;
        }
    }
}

