#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

constant bool LINES_FIRST_tmp [[function_constant(5)]];
constant bool LINES_FIRST = is_function_constant_defined(LINES_FIRST_tmp) ? LINES_FIRST_tmp : false;
constant uint TM_tmp [[function_constant(2)]];
constant uint TM = is_function_constant_defined(TM_tmp) ? TM_tmp : 1u;
constant uint LINES_tmp [[function_constant(3)]];
constant uint LINES = is_function_constant_defined(LINES_tmp) ? LINES_tmp : 1u;
constant uint GROUP = (TM / LINES);
constant uint SHARE_tmp [[function_constant(4)]];
constant uint SHARE = is_function_constant_defined(SHARE_tmp) ? SHARE_tmp : 1u;
constant uint EACH = (8u / LINES);
constant bool _89 = (EACH == 1u);
constant uint _108 = (EACH / 2u);
constant uint _111 = (EACH / 2u);
constant bool _117 = (EACH > 1u);

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

struct From
{
    uint from[1];
};

constant uint LANES = (GROUP * SHARE);
constant uint STRIP_tmp [[function_constant(7)]];
constant uint STRIP = is_function_constant_defined(STRIP_tmp) ? STRIP_tmp : 0u;
constant bool _509 = (STRIP > 0u);
constant bool SPREAD_tmp [[function_constant(6)]];
constant bool SPREAD = is_function_constant_defined(SPREAD_tmp) ? SPREAD_tmp : false;
constant bool _551 = (EACH == 1u);
constant int _552 = int(_551);
constant uint BESIDE = (uint(_552) + 0u);

struct Dst
{
    uint4 dst[1];
};

constant uint _583_tmp [[function_constant(0)]];
constant uint _583 = is_function_constant_defined(_583_tmp) ? _583_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_583, 1u, 1u);

struct Weight
{
    float weight[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _173)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_173.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float norm_scale(thread const uint& row)
{
    return 1.0;
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _221)
{
    bool _215;
    if (WIDE)
    {
        _215 = (c + 4u) <= p.cols;
    }
    else
    {
        _215 = WIDE;
    }
    if (_215)
    {
        return _221.src[(row + c) / 4u];
    }
    float4 v = float4(0.0);
    uint i = 0u;
    for (;;)
    {
        bool _240 = i < 4u;
        bool _249;
        if (_240)
        {
            _249 = (c + i) < p.cols;
        }
        else
        {
            _249 = _240;
        }
        if (_249)
        {
            v[i] = ((device float*)&_221.src[((row + c) + i) / 4u])[((row + c) + i) % 4u];
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
uint2 pack_half4(thread float4& v)
{
    v = select(v, sign(v) * 65504.0, abs(v) > float4(65504.0));
    return uint2(as_type<uint>(half2(v.xy)), as_type<uint>(half2(v.zw)));
}

static inline __attribute__((always_inline))
uint2 packed4(thread const uint& row, thread const float& scale, thread const uint& c, constant Params& p, const device Src& _221)
{
    uint param = row;
    uint param_1 = c;
    float4 v = src4(param, param_1, p, _221) * scale;
    float4 param_2 = v;
    uint param_3 = c;
    multiply_weight(param_2, param_3);
    v = param_2;
    float4 param_4 = v;
    uint2 _291 = pack_half4(param_4);
    return _291;
}

static inline __attribute__((always_inline))
uint lane_of(thread const uint2& place)
{
    uint _62;
    if (LINES_FIRST)
    {
        _62 = place.x + (place.y * GROUP);
    }
    else
    {
        _62 = (place.x * SHARE) + place.y;
    }
    return _62;
}

static inline __attribute__((always_inline))
uint2 pair_of(thread const uint& i, thread const bool& spread)
{
    if (_89)
    {
        return uint2(2u * i, 0u);
    }
    uint2 _98;
    if (spread)
    {
        _98 = uint2(i % LINES, i / LINES);
    }
    else
    {
        _98 = uint2(i / _108, i % _111);
    }
    return _98;
}

static inline __attribute__((always_inline))
uint pair(thread const uint4& line, thread const uint4& next, thread const uint& q, thread const uint& at)
{
    if (_117)
    {
        return line[((q * EACH) / 2u) + at];
    }
    return ((line[q / 2u] >> ((q % 2u) * 16u)) & 65535u) | ((next[q / 2u] >> ((q % 2u) * 16u)) << uint(16));
}

kernel void pack_f16(constant Params& p [[buffer(0)]], device Dst& __restrict _573 [[buffer(1)]], const device Src& _221 [[buffer(2)]], const device From& _368 [[buffer(3)]], const device Live& _173 [[buffer(5)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint rows = live_rows(p, _173);
    uint end = (((rows + p.tile) - 1u) / p.tile) * p.tile;
    uint _349;
    uint _360;
    bool some[8];
    uint row[8];
    float scale[8];
    uint4 words[8];
    uint4 v;
    for (uint g = gl_WorkGroupID.x; g < (end / LINES); g += gl_NumWorkGroups.x)
    {
        uint first = ((g / GROUP) * TM) + (g % GROUP);
        for (uint h = 0u; h < LINES; h++)
        {
            uint r = first + (h * GROUP);
            if (r >= rows)
            {
                _349 = p.src_rows;
            }
            else
            {
                if (p.from_off == 4294967295u)
                {
                    _360 = r;
                }
                else
                {
                    _360 = _368.from[p.from_off + (r * p.from_stride)];
                }
                _349 = _360;
            }
            uint s = _349;
            some[h] = s < p.src_rows;
            row[h] = p.src_off + ((some[h] ? s : 0u) * p.src_stride);
            uint param = row[h];
            scale[h] = norm_scale(param);
        }
        for (uint w = gl_LocalInvocationIndex; w < p.pitch; w += gl_WorkGroupSize.x)
        {
            for (uint h_1 = 0u; h_1 < LINES; h_1++)
            {
                words[h_1] = uint4(0u);
                if (some[h_1])
                {
                    uint param_1 = row[h_1];
                    float param_2 = scale[h_1];
                    uint param_3 = 8u * w;
                    uint param_4 = row[h_1];
                    float param_5 = scale[h_1];
                    uint param_6 = (8u * w) + 4u;
                    words[h_1] = uint4(packed4(param_1, param_2, param_3, p, _221), packed4(param_4, param_5, param_6, p, _221));
                }
            }
            uint2 param_7 = uint2(g % GROUP, w % SHARE);
            uint to = ((((g / GROUP) * TM) * p.pitch) + (((w / SHARE) * LINES) * LANES)) + lane_of(param_7);
            if (_509)
            {
                to = ((((w / STRIP) * p.tile) + g) * STRIP) + (w % STRIP);
            }
            for (uint q = 0u; q < LINES; q++)
            {
                for (uint i = 0u; i < 4u; i++)
                {
                    uint param_8 = i;
                    bool param_9 = SPREAD;
                    uint2 at = pair_of(param_8, param_9);
                    uint4 param_10 = words[at.x];
                    uint4 param_11 = words[at.x + BESIDE];
                    uint param_12 = q;
                    uint param_13 = at.y;
                    v[i] = pair(param_10, param_11, param_12, param_13);
                }
                _573.dst[to + (q * LANES)] = v;
            }
        }
    }
}

