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
constant bool _102 = (EACH == 1u);
constant uint _121 = (EACH / 2u);
constant uint _124 = (EACH / 2u);
constant bool _130 = (EACH > 1u);

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

constant uint _232_tmp [[function_constant(0)]];
constant uint _232 = is_function_constant_defined(_232_tmp) ? _232_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_232, 1u, 1u);
constant uint _235 = gl_WorkGroupSize.x;
constant uint _236 = (_235 / 2u);
constant bool WIDE_tmp [[function_constant(1)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct Src
{
    float4 src[1];
};

constant uint _390 = gl_WorkGroupSize.x;
constant uint _391 = (4u * _390);

struct Weight
{
    float weight[1];
};

struct From
{
    uint from[1];
};

constant uint LANES = (GROUP * SHARE);
constant uint STRIP_tmp [[function_constant(7)]];
constant uint STRIP = is_function_constant_defined(STRIP_tmp) ? STRIP_tmp : 0u;
constant bool _682 = (STRIP > 0u);
constant bool SPREAD_tmp [[function_constant(6)]];
constant bool SPREAD = is_function_constant_defined(SPREAD_tmp) ? SPREAD_tmp : false;
constant bool _724 = (EACH == 1u);
constant int _725 = int(_724);
constant uint BESIDE = (uint(_725) + 0u);

struct Dst
{
    uint4 dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _186)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_186.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _303)
{
    bool _297;
    if (WIDE)
    {
        _297 = (c + 4u) <= p.cols;
    }
    else
    {
        _297 = WIDE;
    }
    if (_297)
    {
        return _303.src[(row + c) / 4u];
    }
    float4 v = float4(0.0);
    uint i = 0u;
    for (;;)
    {
        bool _322 = i < 4u;
        bool _331;
        if (_322)
        {
            _331 = (c + i) < p.cols;
        }
        else
        {
            _331 = _322;
        }
        if (_331)
        {
            v[i] = ((device float*)&_303.src[((row + c) + i) / 4u])[((row + c) + i) % 4u];
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
    for (uint n = _236; n > 0u; n /= 2u)
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
float norm_scale(thread const uint& row, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float (&partial)[256], const device Src& _303)
{
    float sum = 0.0;
    uint _357 = 4u * gl_LocalInvocationIndex;
    for (uint c = _357; c < p.cols; c += _391)
    {
        uint param = row;
        uint param_1 = c;
        float4 v = src4(param, param_1, p, _303);
        for (uint i = 0u; i < 4u; i++)
        {
            float param_2 = v[i];
            float _385 = rms_square(param_2);
            sum += _385;
        }
    }
    float param_3 = sum;
    float _396 = workgroup_sum(param_3, gl_LocalInvocationIndex, partial);
    float param_4 = _396;
    uint param_5 = p.cols;
    float param_6 = p.eps;
    return rms_scale(param_4, param_5, param_6);
}

static inline __attribute__((always_inline))
void multiply_weight(thread float4& v, thread const uint& c, constant Params& p, const device Weight& _436)
{
    if (p.weight_off != 4294967295u)
    {
        uint i = 0u;
        for (;;)
        {
            bool _422 = i < 4u;
            bool _431;
            if (_422)
            {
                _431 = (c + i) < p.cols;
            }
            else
            {
                _431 = _422;
            }
            if (_431)
            {
                v[i] *= _436.weight[(p.weight_off + c) + i];
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
uint2 pack_half4(thread float4& v)
{
    v = select(v, sign(v) * 65504.0, abs(v) > float4(65504.0));
    return uint2(as_type<uint>(half2(v.xy)), as_type<uint>(half2(v.zw)));
}

static inline __attribute__((always_inline))
uint2 packed4(thread const uint& row, thread const float& scale, thread const uint& c, constant Params& p, const device Src& _303, const device Weight& _436)
{
    uint param = row;
    uint param_1 = c;
    float4 v = src4(param, param_1, p, _303) * scale;
    float4 param_2 = v;
    uint param_3 = c;
    multiply_weight(param_2, param_3, p, _436);
    v = param_2;
    float4 param_4 = v;
    uint2 _467 = pack_half4(param_4);
    return _467;
}

static inline __attribute__((always_inline))
uint lane_of(thread const uint2& place)
{
    uint _75;
    if (LINES_FIRST)
    {
        _75 = place.x + (place.y * GROUP);
    }
    else
    {
        _75 = (place.x * SHARE) + place.y;
    }
    return _75;
}

static inline __attribute__((always_inline))
uint2 pair_of(thread const uint& i, thread const bool& spread)
{
    if (_102)
    {
        return uint2(2u * i, 0u);
    }
    uint2 _111;
    if (spread)
    {
        _111 = uint2(i % LINES, i / LINES);
    }
    else
    {
        _111 = uint2(i / _121, i % _124);
    }
    return _111;
}

static inline __attribute__((always_inline))
uint pair(thread const uint4& line, thread const uint4& next, thread const uint& q, thread const uint& at)
{
    if (_130)
    {
        return line[((q * EACH) / 2u) + at];
    }
    return ((line[q / 2u] >> ((q % 2u) * 16u)) & 65535u) | ((next[q / 2u] >> ((q % 2u) * 16u)) << uint(16));
}

kernel void rmsnorm_f16(constant Params& p [[buffer(0)]], device Dst& __restrict _746 [[buffer(1)]], const device Src& _303 [[buffer(2)]], const device From& _542 [[buffer(3)]], const device Weight& _436 [[buffer(4)]], const device Live& _186 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float partial[256];
    uint rows = live_rows(p, _186);
    uint end = (((rows + p.tile) - 1u) / p.tile) * p.tile;
    uint _523;
    uint _534;
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
                _523 = p.src_rows;
            }
            else
            {
                if (p.from_off == 4294967295u)
                {
                    _534 = r;
                }
                else
                {
                    _534 = _542.from[p.from_off + (r * p.from_stride)];
                }
                _523 = _534;
            }
            uint s = _523;
            some[h] = s < p.src_rows;
            row[h] = p.src_off + ((some[h] ? s : 0u) * p.src_stride);
            uint param = row[h];
            float _591 = norm_scale(param, p, gl_LocalInvocationIndex, partial, _303);
            scale[h] = _591;
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
                    words[h_1] = uint4(packed4(param_1, param_2, param_3, p, _303, _436), packed4(param_4, param_5, param_6, p, _303, _436));
                }
            }
            uint2 param_7 = uint2(g % GROUP, w % SHARE);
            uint to = ((((g / GROUP) * TM) * p.pitch) + (((w / SHARE) * LINES) * LANES)) + lane_of(param_7);
            if (_682)
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
                _746.dst[to + (q * LANES)] = v;
            }
        }
    }
}

