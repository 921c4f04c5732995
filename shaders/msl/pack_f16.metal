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

constant bool WIDE_tmp [[function_constant(1)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct Src
{
    float4 src[1];
};

constant uint STRIP_tmp [[function_constant(2)]];
constant uint STRIP = is_function_constant_defined(STRIP_tmp) ? STRIP_tmp : 0u;
constant bool _165 = (STRIP == 0u);

struct From
{
    uint from[1];
};

struct Dst
{
    uint2 dst[1];
};

constant uint _326_tmp [[function_constant(0)]];
constant uint _326 = is_function_constant_defined(_326_tmp) ? _326_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_326, 1u, 1u);

struct Weight
{
    float weight[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _58)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_58.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float norm_scale()
{
    return 1.0;
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& c, constant Params& p, const device Src& _106, thread uint& row)
{
    bool _100;
    if (WIDE)
    {
        _100 = (c + 4u) <= p.cols;
    }
    else
    {
        _100 = WIDE;
    }
    if (_100)
    {
        return _106.src[(row + c) / 4u];
    }
    float4 v = float4(0.0);
    uint i = 0u;
    for (;;)
    {
        bool _128 = i < 4u;
        bool _137;
        if (_128)
        {
            _137 = (c + i) < p.cols;
        }
        else
        {
            _137 = _128;
        }
        if (_137)
        {
            v[i] = ((device float*)&_106.src[((row + c) + i) / 4u])[((row + c) + i) % 4u];
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
void multiply_weight(thread const float4& v, thread const uint& c)
{
}

static inline __attribute__((always_inline))
uint place(thread const uint& r, thread const uint& w, constant Params& p)
{
    if (_165)
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

kernel void pack_f16(constant Params& p [[buffer(0)]], device Dst& __restrict _315 [[buffer(1)]], const device Src& _106 [[buffer(2)]], const device From& _250 [[buffer(3)]], const device Live& _58 [[buffer(5)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _58);
    uint end = (((rows + p.tile) - 1u) / p.tile) * p.tile;
    uint row;
    uint _231;
    uint _242;
    for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x)
    {
        if (r >= rows)
        {
            _231 = p.src_rows;
        }
        else
        {
            if (p.from_off == 4294967295u)
            {
                _242 = r;
            }
            else
            {
                _242 = _250.from[p.from_off + (r * p.from_stride)];
            }
            _231 = _242;
        }
        uint s = _231;
        bool some = s < p.src_rows;
        row = p.src_off + ((some ? s : 0u) * p.src_stride);
        float scale = norm_scale();
        for (uint w = gl_LocalInvocationIndex; w < p.pitch; w += gl_WorkGroupSize.x)
        {
            float4 v = float4(0.0);
            if (some)
            {
                uint param = 4u * w;
                v = src4(param, p, _106, row) * scale;
                float4 param_1 = v;
                uint param_2 = 4u * w;
                multiply_weight(param_1, param_2);
                v = param_1;
            }
            uint param_3 = r;
            uint param_4 = w;
            float4 param_5 = v;
            uint2 _323 = pack_half4(param_5);
            _315.dst[place(param_3, param_4, p)] = _323;
        }
    }
}

