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
constant bool _120 = (FORMAT == 0u);
constant bool _138 = (FORMAT == 0u);
constant bool _178 = (FORMAT == 0u);
constant bool _196 = (FORMAT == 1u);
constant bool _204 = (FORMAT == 2u);
constant bool _297 = (FORMAT == 3u);
constant bool _348 = (FORMAT == 0u);
constant bool _364 = (FORMAT == 3u);
constant bool _389 = (FORMAT == 1u);
constant bool _391 = (FORMAT == 3u);
constant float _393 = _391 ? 32.0 : 0.0;
constant float _394 = _389 ? 8.0 : _393;
constant bool _451 = (FORMAT == 0u);
constant bool _464 = (FORMAT == 2u);
constant bool _477 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint dst_off;
    uint dst_stride;
    uint residual_off;
    uint residual_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint bias_off;
    uint live_off;
    uint squares_off;
    uint squares_stride;
    uint packed_off;
    uint packed_stride;
};

struct Live
{
    int live[1];
};

constant bool _556 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _587 = (FORMAT == 3u);
constant bool _664 = (FORMAT == 2u);
constant bool _682 = (FORMAT == 4u);
constant uint _749_tmp [[function_constant(0)]];
constant uint _749 = is_function_constant_defined(_749_tmp) ? _749_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_749, 1u, 1u);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant bool _847 = (FORMAT == 0u);
constant int _849 = _847 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_849) + 0u);
constant uint SLOTS = (CHUNK_SIZE / 4u);
constant uint _852 = (ROWS * SLOTS);
constant uint _853 = (TILE / _852);
constant uint _1010 = (OUTS * ROWS);
constant uint _1050 = gl_WorkGroupSize.x;
constant uint _1051 = (_1050 / ROWS);
constant uint _1214 = (OUTS * AHEAD);
constant uint _1376 = (CHUNK_SIZE / 16u);

struct Src
{
    float src[1];
};

constant uint _1592 = (OUTS * ROWS);

struct Residual
{
    float residual[1];
};

constant uint _1650 = (OUTS * ROWS);
constant uint _1652 = (OUTS * ROWS);
constant uint _1691 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

struct Squares
{
    float squares_of[1];
};

struct Packed
{
    uint4 _packed[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _568)
{
    if (_682)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_568.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_120)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _534)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_534.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _568)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_556)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _568.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_568.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_587)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _568.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_568.weight[high])[(w % 2u) * 2u], ((device uint*)&_568.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_568.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_568.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _568.weight[(block + 1u) + (w % 8u)];
            if (_664)
            {
                chunk.scales = _568.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_568.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_138)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1544)
{
    return _1544.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void look(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, thread float (&old)[2], const device Residual& _1616)
{
    for (uint u = 0u; u < 2u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        old[u] = 0.0;
        bool _1593 = e < _1592;
        bool _1600;
        if (_1593)
        {
            _1600 = t < p.rows;
        }
        else
        {
            _1600 = _1593;
        }
        bool _1609;
        if (_1600)
        {
            _1609 = (m + k) < p.outs;
        }
        else
        {
            _1609 = _1600;
        }
        if (_1609)
        {
            old[u] = _1616.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
        }
    }
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& member, thread uint& members, thread float (&old)[2], const device Residual& _1616)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = member;
    look(param, param_1, param_2, p, members, old, _1616);
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_178)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_196)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_204)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _228;
                if (late)
                {
                    _228 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _228 = b.x & 16191u;
                }
                uint scales = _228;
                uint _249;
                if (late)
                {
                    _249 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _249 = b.y & 16191u;
                }
                uint mins = _249;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_297)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 scales_1 = int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.scales = float2(scales_1) * d_1;
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
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_348)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_364)
    {
        uint _369;
        if (run == 0u)
        {
            _369 = chunk.high.x;
        }
        else
        {
            _369 = chunk.high.y;
        }
        c |= (((_369 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _394;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _430;
    if (run == 0u)
    {
        _430 = s.scales.x;
    }
    else
    {
        _430 = s.scales.y;
    }
    float scale = _430;
    float _442;
    if (run == 0u)
    {
        _442 = s.mins.x;
    }
    else
    {
        _442 = s.mins.y;
    }
    float min_ = _442;
    if (_451)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_464)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_477)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& sub)
{
    return (((sub * 8u) + uint(0 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], thread float (&old)[2], const device Residual& _1616, const device Bias& _1728, device Dst& _1747)
{
    for (uint e0 = member; e0 < _1650; e0 += (2u * members))
    {
        if (_1652 > (2u * members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            look(param, param_1, param_2, p, members, old, _1616);
        }
        for (uint u = 0u; u < 2u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            bool _1696 = (e >= _1691) || (t >= alive);
            bool _1706;
            if (!_1696)
            {
                _1706 = (m + k) >= p.outs;
            }
            else
            {
                _1706 = _1696;
            }
            if (_1706)
            {
                continue;
            }
            int param_3 = int(r);
            uint param_4 = k;
            float y = sums[sum_at(param_3, param_4, sub)];
            if (p.bias_off != 4294967295u)
            {
                y += _1728.bias0[(p.bias_off + m) + k];
            }
            y += old[u];
            _1747.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = y;
            int param_5 = int(r);
            uint param_6 = k;
            sums[sum_at(param_5, param_6, sub)] = y;
        }
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void out_proj_block_f32(constant Params& p [[buffer(0)]], device Dst& _1747 [[buffer(1)]], const device Residual& _1616 [[buffer(2)]], const device Src& _1544 [[buffer(3)]], const device Weight& __restrict _568 [[buffer(4)]], const device Bias& _1728 [[buffer(5)]], const device Live& _534 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint part = 0u;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint member = lane;
    uint members = lanes;
    start();
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _568);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _853 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _534);
    uint blocks = 1u;
    float old[2];
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _887;
    if ((first + sub) < last)
    {
        _887 = (first + sub) * OUTS;
    }
    else
    {
        _887 = p.outs;
    }
    uint m = _887;
    Chunk next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _937 = w_ < end;
            bool _944;
            if (_937)
            {
                _944 = m_ < p.outs;
            }
            else
            {
                _944 = _937;
            }
            if (_944)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _568);
            }
        }
    }
    uint _979;
    float acc[32];
    float4 x[4];
    Chunk now[8];
    uint _1246;
    Scales scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _979 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _979 = p.outs;
        }
        uint after = _979;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _1010; i_1++)
            {
                acc[i_1] = 0.0;
            }
            float mine = 0.0;
            uint room = 0u;
            for (uint s = 0u; s < steps; s++)
            {
                uint w = begin + (s * stride);
                if (room == 0u)
                {
                    room = held;
                    if ((!once) || (g == first))
                    {
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                        uint team = _1051;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1067 = min(words, (end - w)) * SLOTS;
                        uint _1071 = at % team;
                        uint quads = _1067;
                        uint v0 = _1071;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1095 = column(param_6, param_7);
                                uint c = _1095;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1112 = v < quads;
                                    bool _1119;
                                    if (_1112)
                                    {
                                        _1119 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1119 = _1112;
                                    }
                                    bool _1128;
                                    if (_1119)
                                    {
                                        _1128 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1128 = _1119;
                                    }
                                    if (_1128)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1544);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                if (v_1 < quads)
                                {
                                    tile[(((r * SLOTS) + (v_1 % SLOTS)) * words) + (v_1 / SLOTS)] = x[j_1];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if (s == 0u)
                        {
                            uint param_10 = block;
                            prepare(param_10);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    expect(param_11, param_12, p, member, members, old, _1616);
                }
                for (uint i_2 = 0u; i_2 < _1214; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1240;
                if (!more)
                {
                    _1240 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1240 = more;
                }
                uint m_next = _1240 ? m : after;
                if (more)
                {
                    _1246 = w + stride;
                }
                else
                {
                    _1246 = begin;
                }
                uint w_next = _1246;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1291 = w_1 < end;
                        bool _1298;
                        if (_1291)
                        {
                            _1298 = m_1 < p.outs;
                        }
                        else
                        {
                            _1298 = _1291;
                        }
                        if (_1298)
                        {
                            uint param_13 = m_1;
                            uint param_14 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_13, param_14, p, _568);
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    uint wu = (w + (u_2 * lanes)) + lane;
                    if (wu < end)
                    {
                        for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                        {
                            Chunk param_15 = now[(i_4 * AHEAD) + u_2];
                            uint param_16 = wu;
                            scale[i_4] = scales_of(param_15, param_16);
                        }
                        for (uint run = 0u; run < _1376; run++)
                        {
                            for (uint q = 0u; q < 4u; q++)
                            {
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    Chunk param_17 = now[(i_5 * AHEAD) + u_2];
                                    Scales param_18 = scale[i_5];
                                    uint param_19 = run;
                                    uint param_20 = q;
                                    y[i_5] = weight4(param_17, param_18, param_19, param_20, codebook);
                                }
                                for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                                {
                                    float4 x_1 = tile[(((((r_1 * SLOTS) + (run * 4u)) + q) * words) + from) + (u_2 * lanes)];
                                    for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                    {
                                        float4 param_21 = y[i_6];
                                        float4 param_22 = x_1;
                                        float param_23 = acc[(i_6 * ROWS) + r_1];
                                        acc[(i_6 * ROWS) + r_1] = dot_add(param_21, param_22, param_23);
                                    }
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_7 = 0u; i_7 < OUTS; i_7++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_7 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_24 = int(r_2);
                        uint param_25 = i_7;
                        sums[sum_at(param_24, param_25, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_26 = m;
            uint param_27 = block;
            finish(param_26, param_27, p, sub, member, members, alive, sums, old, _1616, _1728, _1747);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

