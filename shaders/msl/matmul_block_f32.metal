#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Piece
{
    uint4 code;
    uint2 high;
    uint4 scale;
};

struct Scale
{
    float2 unit;
    float2 low;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _77 = (FORMAT == 0u);
constant bool _95 = (FORMAT == 0u);
constant bool _136 = (FORMAT == 0u);
constant bool _154 = (FORMAT == 1u);
constant bool _162 = (FORMAT == 2u);
constant bool _255 = (FORMAT == 3u);
constant bool _306 = (FORMAT == 0u);
constant bool _324 = (FORMAT == 3u);
constant bool _395 = (FORMAT == 0u);
constant bool _408 = (FORMAT == 1u);
constant bool _419 = (FORMAT == 2u);
constant bool _432 = (FORMAT == 3u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint bias_off;
    uint live_off;
};

constant bool _485 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _516 = (FORMAT == 3u);
constant bool _593 = (FORMAT == 2u);
constant bool _611 = (FORMAT == 4u);

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

constant uint _735_tmp [[function_constant(0)]];
constant uint _735 = is_function_constant_defined(_735_tmp) ? _735_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_735, 1u, 1u);
constant uint _737 = gl_WorkGroupSize.x;
constant uint _738 = (_737 / 16u);
constant bool _827 = (FORMAT == 0u);
constant int _829 = _827 ? 16 : 32;
constant uint PER_WORD = (uint(_829) + 0u);
constant uint _831 = (PER_WORD / 4u);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _648)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_648.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    if (_77)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at, threadgroup float (&book)[16], constant Params& p, const device Weight& __restrict _497)
{
    if (_611)
    {
        if (at < 16u)
        {
            book[at] = as_type<float>(((device uint*)&_497.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
Piece no_piece()
{
    return Piece{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Piece piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _497)
{
    Piece v = no_piece();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_485)
    {
        block = row + ((w / 16u) * 17u);
        v.code = _497.weight[(block + 1u) + (w % 16u)];
        v.scale.x = ((device uint*)&_497.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_516)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            v.code = _497.weight[(at + 1u) + (w % 8u)];
            v.high = uint2(((device uint*)&_497.weight[high])[(w % 2u) * 2u], ((device uint*)&_497.weight[high])[((w % 2u) * 2u) + 1u]);
            v.scale.x = ((device uint*)&_497.weight[at])[(w / 2u) % 4u];
            v.scale.y = ((device uint*)&_497.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            v.code = _497.weight[(block + 1u) + (w % 8u)];
            if (_593)
            {
                v.scale = _497.weight[block];
            }
            else
            {
                v.scale.x = ((device uint*)&_497.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return v;
}

static inline __attribute__((always_inline))
Scale scale_of(thread const Piece& v, thread const uint& w)
{
    Scale s;
    s.low = float2(0.0);
    if (_136)
    {
        s.unit = float2(float2(as_type<half2>(v.scale.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_154)
        {
            s.unit = float2(as_type<half2>(v.scale.x));
        }
        else
        {
            if (_162)
            {
                uint3 b = v.scale.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _186;
                if (late)
                {
                    _186 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _186 = b.x & 16191u;
                }
                uint units = _186;
                uint _207;
                if (late)
                {
                    _207 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _207 = b.y & 16191u;
                }
                uint lows = _207;
                float2 d = float2(as_type<half2>(v.scale.x));
                s.unit = float2(float(units & 255u), float(units >> uint(8))) * d.x;
                s.low = float2(float(lows & 255u), float(lows >> uint(8))) * d.y;
            }
            else
            {
                if (_255)
                {
                    float d_1 = float2(as_type<half2>(v.scale.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 units_1 = int2(int(v.scale.x << (24u - ((w % 2u) * 8u))), int(v.scale.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.unit = float2(units_1) * d_1;
                }
                else
                {
                    s.unit = float2(as_type<float>(v.scale.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint codes4(thread const Piece& v, thread const uint& q)
{
    if (_306)
    {
        return v.code[q];
    }
    uint c = (v.code[q % 4u] >> ((q / 4u) * 4u)) & 252645135u;
    if (_324)
    {
        c |= (((v.high[q / 4u] >> ((q % 4u) * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& bias0)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + bias0);
}

static inline __attribute__((always_inline))
float4 weight4(thread const Piece& v, thread const Scale& s, thread const uint& q, threadgroup float (&book)[16])
{
    Piece param = v;
    uint param_1 = q;
    uint c = codes4(param, param_1);
    float _374;
    if (q < 4u)
    {
        _374 = s.unit.x;
    }
    else
    {
        _374 = s.unit.y;
    }
    float unit = _374;
    float _386;
    if (q < 4u)
    {
        _386 = s.low.x;
    }
    else
    {
        _386 = s.low.y;
    }
    float low = _386;
    if (_395)
    {
        uint param_2 = c ^ 2155905152u;
        float param_3 = 128.0;
        return bytes4(param_2, param_3) * unit;
    }
    if (_408)
    {
        uint param_4 = c;
        float param_5 = 8.0;
        return bytes4(param_4, param_5) * unit;
    }
    if (_419)
    {
        uint param_6 = c;
        float param_7 = 0.0;
        return (bytes4(param_6, param_7) * unit) - float4(low);
    }
    if (_432)
    {
        uint param_8 = c;
        float param_9 = 32.0;
        return bytes4(param_8, param_9) * unit;
    }
    return float4(book[c & 255u], book[(c >> uint(8)) & 255u], book[(c >> uint(16)) & 255u], book[c >> uint(24)]) * unit;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_95)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _681)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_681.src[i], _681.src[i + 1u], _681.src[i + 2u], _681.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _681.src[i + j];
    }
    return x;
}

kernel void matmul_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _948 [[buffer(1)]], const device Src& _681 [[buffer(2)]], const device Weight& __restrict _497 [[buffer(3)]], const device Bias& _937 [[buffer(4)]], const device Live& _648 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float book[16];
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _648);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = pieces(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    open_weight(param_2, param_3, book, p, _497);
    uint _759 = gl_WorkGroupID.x * _738;
    float _930;
    for (uint channels = _738, m0 = _759; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _777 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _777; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            float4 sum = float4(0.0);
            if (m < p.outs)
            {
                uint n = min(4u, (rows - r0));
                for (uint w = lane; w < _all; w += 16u)
                {
                    uint param_4 = m;
                    uint param_5 = w;
                    Piece y = piece(param_4, param_5, p, _497);
                    Piece param_6 = y;
                    uint param_7 = w;
                    Scale scale = scale_of(param_6, param_7);
                    for (uint q = 0u; q < _831; q++)
                    {
                        Piece param_8 = y;
                        Scale param_9 = scale;
                        uint param_10 = q;
                        float4 v = weight4(param_8, param_9, param_10, book);
                        for (uint i = 0u; i < n; i++)
                        {
                            uint param_11 = w;
                            uint param_12 = q;
                            uint _859 = column(param_11, param_12);
                            uint param_13 = r0 + i;
                            uint param_14 = _859;
                            sum[i] += dot(v, src4(param_13, param_14, p, _681));
                        }
                    }
                }
            }
            partial[gl_LocalInvocationIndex] = sum;
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint n_1 = 8u; n_1 > 0u; n_1 /= 2u)
            {
                if (lane < n_1)
                {
                    partial[gl_LocalInvocationIndex] += partial[gl_LocalInvocationIndex + n_1];
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
            }
            bool _908 = lane < 4u;
            bool _916;
            if (_908)
            {
                _916 = (r0 + lane) < rows;
            }
            else
            {
                _916 = _908;
            }
            bool _923;
            if (_916)
            {
                _923 = m < p.outs;
            }
            else
            {
                _923 = _916;
            }
            if (_923)
            {
                if (p.bias_off == 4294967295u)
                {
                    _930 = 0.0;
                }
                else
                {
                    _930 = _937.bias0[p.bias_off + m];
                }
                float b = _930;
                _948.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

