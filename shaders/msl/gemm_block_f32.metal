#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Chunk
{
    uint4 code;
    uint2 high;
    uint4 scales;
};

struct Scales
{
    float2 scales;
    float2 mins;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _122 = (FORMAT == 0u);
constant bool _140 = (FORMAT == 0u);
constant bool _155 = (FORMAT == 0u);
constant bool _271 = (FORMAT == 0u);
constant bool _287 = (FORMAT == 1u);
constant bool _295 = (FORMAT == 2u);
constant bool _324 = (FORMAT == 3u);
constant bool _355 = (FORMAT == 0u);
constant bool _371 = (FORMAT == 3u);
constant bool _396 = (FORMAT == 1u);
constant bool _398 = (FORMAT == 3u);
constant float _400 = _398 ? 32.0 : 0.0;
constant float _401 = _396 ? 8.0 : _400;
constant bool _458 = (FORMAT == 0u);
constant bool _471 = (FORMAT == 2u);
constant bool _484 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint span;
    uint part;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint bias_off;
    uint residual_off;
    uint residual_stride;
    uint live_off;
};

constant bool _537 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _568 = (FORMAT == 3u);
constant bool _645 = (FORMAT == 2u);
constant bool _663 = (FORMAT == 4u);

struct Live
{
    int live[1];
};

#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 2u
#endif
constant uint FOURS = SPIRV_CROSS_CONSTANT_ID_1;
constant uint ROWS = (32u * FOURS);
constant uint _730 = (ROWS * 16u);
constant uint _731 = (_730 / 4u);
constant uint LOADS = (_731 / 64u);
constant bool WIDE_tmp [[function_constant(2)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct Src
{
    float4 src[1];
};

constant uint _1051 = (8u * FOURS);
constant uint _1053 = (8u * FOURS);
constant uint _1158 = (8u * FOURS);
constant bool WIDE_DST_tmp [[function_constant(3)]];
constant bool WIDE_DST = is_function_constant_defined(WIDE_DST_tmp) ? WIDE_DST_tmp : false;

struct Bias
{
    float4 bias0[1];
};

struct Residual
{
    float4 residual[1];
};

struct Dst
{
    float4 dst[1];
};

constant bool AHEAD_tmp [[function_constant(4)]];
constant bool AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : true;
constant bool _1424 = (!AHEAD);
constant bool _1482 = (FORMAT == 0u);
constant int _1484 = _1482 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1484) + 0u);
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(64u, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _700)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_700.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _549)
{
    if (_663)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_549.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float4 (&sum)[_1053])
{
    for (uint i = 0u; i < _1051; i++)
    {
        sum[i] = float4(0.0);
    }
}

static inline __attribute__((always_inline))
void fetch_rows(thread const uint& r0, thread const uint& k0, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Src& _760, thread float4 (&next_a)[LOADS])
{
    uint at = gl_LocalInvocationIndex;
    uint k = k0 + ((at % 4u) * 4u);
    float4 v;
    float _821;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint from = p.src_off + (min(((r0 + (at / 4u)) + (16u * i)), (rows - 1u)) * p.src_stride);
        if (WIDE)
        {
            v = _760.src[(from + min(k, (p.cols - 4u))) / 4u];
        }
        else
        {
            for (uint j = 0u; j < 4u; j++)
            {
                uint e = from + min((k + j), (p.cols - 1u));
                v[j] = ((device float*)&_760.src[e / 4u])[e % 4u];
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            if ((k + j_1) < p.cols)
            {
                _821 = v[j_1];
            }
            else
            {
                _821 = 0.0;
            }
            next_a[i][j_1] = _821;
        }
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_122)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint chunk_at(thread const uint& c)
{
    if (_140)
    {
        return c / 16u;
    }
    return ((c / 64u) * 2u) + ((c / 16u) % 2u);
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _549)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_537)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _549.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_549.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_568)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _549.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_549.weight[high])[(w % 2u) * 2u], ((device uint*)&_549.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_549.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_549.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _549.weight[(block + 1u) + (w % 8u)];
            if (_645)
            {
                chunk.scales = _549.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_549.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_weights(thread const uint& c0, thread const uint& k0, constant Params& p, const device Weight& __restrict _549, thread uint& gl_LocalInvocationIndex, thread Chunk (&next_b)[1])
{
    uint at = gl_LocalInvocationIndex;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint last = chunks(param, param_1) - 1u;
    uint param_2 = k0 + ((at % 1u) * 16u);
    uint w = min(chunk_at(param_2), last);
    for (uint i = 0u; i < 1u; i++)
    {
        uint param_3 = min(((c0 + (at / 1u)) + (64u * i)), (p.outs - 1u));
        uint param_4 = w;
        next_b[i] = load_chunk(param_3, param_4, p, _549);
    }
}

static inline __attribute__((always_inline))
void fetch(thread const uint& r0, thread const uint& c0, thread const uint& k0, thread const uint& rows, constant Params& p, const device Weight& __restrict _549, thread uint& gl_LocalInvocationIndex, const device Src& _760, thread float4 (&next_a)[LOADS], thread Chunk (&next_b)[1])
{
    uint param = r0;
    uint param_1 = k0;
    uint param_2 = rows;
    fetch_rows(param, param_1, param_2, p, gl_LocalInvocationIndex, _760, next_a);
    uint param_3 = c0;
    uint param_4 = k0;
    fetch_weights(param_3, param_4, p, _549, gl_LocalInvocationIndex, next_b);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _190;
    if (late)
    {
        _190 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _190 = b.x & 16191u;
    }
    uint scales = _190;
    uint _211;
    if (late)
    {
        _211 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _211 = b.y & 16191u;
    }
    uint mins = _211;
    return uint4(scales & 255u, scales >> uint(8), mins & 255u, mins >> uint(8));
}

static inline __attribute__((always_inline))
int2 byte_scales(thread const Chunk& chunk, thread const uint& w)
{
    return int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_271)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_287)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_295)
            {
                Chunk param = chunk;
                uint param_1 = w;
                uint4 n = scale_codes(param, param_1);
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(n.xy) * d.x;
                s.mins = float2(n.zw) * d.y;
            }
            else
            {
                if (_324)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    Chunk param_2 = chunk;
                    uint param_3 = w;
                    s.scales = float2(byte_scales(param_2, param_3)) * d_1;
                }
                else
                {
                    s.scales = float2(as_type<float>(chunk.scales.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint run_at(thread const uint& c)
{
    if (_155)
    {
        return 0u;
    }
    return (c / 32u) % 2u;
}

static inline __attribute__((always_inline))
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_355)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_371)
    {
        uint _376;
        if (run == 0u)
        {
            _376 = chunk.high.x;
        }
        else
        {
            _376 = chunk.high.y;
        }
        c |= (((_376 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float zero_point()
{
    return _401;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _437;
    if (run == 0u)
    {
        _437 = s.scales.x;
    }
    else
    {
        _437 = s.scales.y;
    }
    float scale = _437;
    float _449;
    if (run == 0u)
    {
        _449 = s.mins.x;
    }
    else
    {
        _449 = s.mins.y;
    }
    float min_ = _449;
    if (_458)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_471)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_484)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
void put(thread const uint& k0, threadgroup float (&codebook)[16], constant Params& p, thread uint& gl_LocalInvocationIndex, thread float4 (&next_a)[LOADS], thread Chunk (&next_b)[1], threadgroup float4 (&tile_a)[272], threadgroup float4 (&tile_b)[272])
{
    uint at = gl_LocalInvocationIndex;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint r = (at / 4u) + (16u * i);
        for (uint j = 0u; j < 4u; j++)
        {
            ((threadgroup float*)&tile_a[((((at % 4u) * 4u) + j) * 17u) + (r / 4u)])[r % 4u] = next_a[i][j];
        }
    }
    uint n = at % 1u;
    uint c = k0 + (n * 16u);
    uint param = c;
    uint param_1 = p.cols;
    uint param_2 = p.pitch;
    uint w = min(chunk_at(param), (chunks(param_1, param_2) - 1u));
    for (uint i_1 = 0u; i_1 < 1u; i_1++)
    {
        uint to = (at / 1u) + (64u * i_1);
        Chunk param_3 = next_b[i_1];
        uint param_4 = w;
        Scales scales = scales_of(param_3, param_4);
        for (uint q = 0u; q < 4u; q++)
        {
            uint param_5 = c;
            Chunk param_6 = next_b[i_1];
            Scales param_7 = scales;
            uint param_8 = run_at(param_5);
            uint param_9 = q;
            float4 x = weight4(param_6, param_7, param_8, param_9, codebook);
            for (uint j_1 = 0u; j_1 < 4u; j_1++)
            {
                ((threadgroup float*)&tile_b[((((n * 16u) + (q * 4u)) + j_1) * 17u) + (to / 4u)])[to % 4u] = x[j_1];
            }
        }
    }
}

static inline __attribute__((always_inline))
void multiply(threadgroup float4 (&tile_a)[272], threadgroup float4 (&tile_b)[272], thread float4 (&sum)[_1053], thread uint& across, thread uint& down)
{
    for (uint k = 0u; k < 16u; k++)
    {
        float4 b0 = tile_b[(k * 17u) + across];
        float4 b1 = tile_b[((k * 17u) + 8u) + across];
        for (uint f = 0u; f < FOURS; f++)
        {
            float4 a = tile_a[((k * 17u) + (8u * f)) + down];
            for (uint i = 0u; i < 4u; i++)
            {
                uint _1120 = (8u * f) + (2u * i);
                sum[_1120] += (b0 * a[i]);
                uint _1135 = ((8u * f) + (2u * i)) + 1u;
                sum[_1135] += (b1 * a[i]);
            }
        }
    }
}

static inline __attribute__((always_inline))
void store(thread const uint& r0, thread const uint& c0, thread const uint& rows, constant Params& p, thread float4 (&sum)[_1053], thread uint& across, thread uint& down, thread uint3& gl_WorkGroupID, const device Bias& _1248, const device Residual& _1263, device Dst& _1273)
{
    for (uint i = 0u; i < _1158; i++)
    {
        uint r = ((r0 + ((i / 8u) * 32u)) + (down * 4u)) + ((i % 8u) / 2u);
        uint c = (c0 + ((i % 2u) * 32u)) + (across * 4u);
        if (r >= rows)
        {
            continue;
        }
        uint to = ((p.dst_off + (gl_WorkGroupID.z * p.part)) + (r * p.dst_stride)) + c;
        uint b = p.bias_off + c;
        uint s = (p.residual_off + (r * p.residual_stride)) + c;
        if (WIDE_DST)
        {
            if (c >= p.outs)
            {
                continue;
            }
            float4 v = sum[i];
            if (p.bias_off != 4294967295u)
            {
                v += _1248.bias0[b / 4u];
            }
            if (p.residual_off != 4294967295u)
            {
                v += _1263.residual[s / 4u];
            }
            _1273.dst[to / 4u] = v;
            continue;
        }
        for (uint j = 0u; j < 4u; j++)
        {
            if ((c + j) >= p.outs)
            {
                continue;
            }
            float v_1 = sum[i][j];
            if (p.bias_off != 4294967295u)
            {
                v_1 += ((device float*)&_1248.bias0[(b + j) / 4u])[(b + j) % 4u];
            }
            if (p.residual_off != 4294967295u)
            {
                v_1 += ((device float*)&_1263.residual[(s + j) / 4u])[(s + j) % 4u];
            }
            ((device float*)&_1273.dst[(to + j) / 4u])[(to + j) % 4u] = v_1;
        }
    }
}

kernel void gemm_block_f32(constant Params& p [[buffer(0)]], device Dst& _1273 [[buffer(1)]], const device Src& _760 [[buffer(2)]], const device Weight& __restrict _549 [[buffer(3)]], const device Bias& _1248 [[buffer(4)]], const device Residual& _1263 [[buffer(5)]], const device Live& _700 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup float4 tile_a[272];
    threadgroup float4 tile_b[272];
    uint rows = live_rows(p, _700);
    uint param = p.outs;
    uint param_1 = gl_LocalInvocationIndex;
    load_codebook(param, param_1, codebook, p, _549);
    uint first = gl_WorkGroupID.z * p.span;
    uint last = min((first + p.span), p.cols);
    uint down = gl_LocalInvocationIndex / 8u;
    uint across = gl_LocalInvocationIndex % 8u;
    uint _1379 = gl_WorkGroupID.y * 64u;
    float4 next_a[LOADS];
    Chunk next_b[1];
    float4 sum[_1053];
    uint _1445;
    for (uint c0 = _1379; c0 < p.outs; c0 += (gl_NumWorkGroups.y * 64u))
    {
        uint _1392 = gl_WorkGroupID.x * ROWS;
        for (uint r0 = _1392; r0 < rows; r0 += (gl_NumWorkGroups.x * ROWS))
        {
            clear_sums(sum);
            if (AHEAD)
            {
                uint param_2 = r0;
                uint param_3 = c0;
                uint param_4 = first;
                uint param_5 = rows;
                fetch(param_2, param_3, param_4, param_5, p, _549, gl_LocalInvocationIndex, _760, next_a, next_b);
            }
            for (uint k0 = first; k0 < last; k0 += 16u)
            {
                if (_1424)
                {
                    uint param_6 = r0;
                    uint param_7 = c0;
                    uint param_8 = k0;
                    uint param_9 = rows;
                    fetch(param_6, param_7, param_8, param_9, p, _549, gl_LocalInvocationIndex, _760, next_a, next_b);
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_10 = k0;
                put(param_10, codebook, p, gl_LocalInvocationIndex, next_a, next_b, tile_a, tile_b);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                if (AHEAD)
                {
                    if ((k0 + 16u) < last)
                    {
                        _1445 = k0 + 16u;
                    }
                    else
                    {
                        _1445 = k0;
                    }
                    uint param_11 = r0;
                    uint param_12 = c0;
                    uint param_13 = _1445;
                    uint param_14 = rows;
                    fetch(param_11, param_12, param_13, param_14, p, _549, gl_LocalInvocationIndex, _760, next_a, next_b);
                }
                multiply(tile_a, tile_b, sum, across, down);
            }
            uint param_15 = r0;
            uint param_16 = c0;
            uint param_17 = rows;
            store(param_15, param_16, param_17, p, sum, across, down, gl_WorkGroupID, _1248, _1263, _1273);
        }
    }
}

