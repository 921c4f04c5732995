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
constant bool _114 = (FORMAT == 0u);
constant bool _132 = (FORMAT == 0u);
constant bool _172 = (FORMAT == 0u);
constant bool _190 = (FORMAT == 1u);
constant bool _198 = (FORMAT == 2u);
constant bool _291 = (FORMAT == 3u);
constant bool _342 = (FORMAT == 0u);
constant bool _358 = (FORMAT == 3u);
constant bool _383 = (FORMAT == 1u);
constant bool _385 = (FORMAT == 3u);
constant float _387 = _385 ? 32.0 : 0.0;
constant float _388 = _383 ? 8.0 : _387;
constant bool _445 = (FORMAT == 0u);
constant bool _458 = (FORMAT == 2u);
constant bool _471 = (FORMAT != 4u);

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
    uint live_off;
};

struct Live
{
    int live[1];
};

constant bool _549 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _580 = (FORMAT == 3u);
constant bool _657 = (FORMAT == 2u);
constant bool _675 = (FORMAT == 4u);
constant uint _742_tmp [[function_constant(0)]];
constant uint _742 = is_function_constant_defined(_742_tmp) ? _742_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_742, 1u, 1u);
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
constant bool _840 = (FORMAT == 0u);
constant int _842 = _840 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_842) + 0u);
constant uint SLOTS = (CHUNK_SIZE / 4u);
constant uint _845 = (ROWS * SLOTS);
constant uint _846 = (TILE / _845);
constant uint _1003 = (OUTS * ROWS);
constant uint _1043 = gl_WorkGroupSize.x;
constant uint _1044 = (_1043 / ROWS);
constant uint _1207 = (OUTS * AHEAD);
constant uint _1369 = (CHUNK_SIZE / 16u);

struct Src
{
    float src[1];
};

constant uint _1562 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _561)
{
    if (_675)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_561.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_114)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _527)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_527.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _561)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_549)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _561.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_561.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_580)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _561.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_561.weight[high])[(w % 2u) * 2u], ((device uint*)&_561.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_561.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_561.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _561.weight[(block + 1u) + (w % 8u)];
            if (_657)
            {
                chunk.scales = _561.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_561.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_132)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1537)
{
    return _1537.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block)
{
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_172)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_190)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_198)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _222;
                if (late)
                {
                    _222 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _222 = b.x & 16191u;
                }
                uint scales = _222;
                uint _243;
                if (late)
                {
                    _243 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _243 = b.y & 16191u;
                }
                uint mins = _243;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_291)
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
    if (_342)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_358)
    {
        uint _363;
        if (run == 0u)
        {
            _363 = chunk.high.x;
        }
        else
        {
            _363 = chunk.high.y;
        }
        c |= (((_363 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _388;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _424;
    if (run == 0u)
    {
        _424 = s.scales.x;
    }
    else
    {
        _424 = s.scales.y;
    }
    float scale = _424;
    float _436;
    if (run == 0u)
    {
        _436 = s.mins.x;
    }
    else
    {
        _436 = s.mins.y;
    }
    float min_ = _436;
    if (_445)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_458)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_471)
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& member, thread uint& members, thread uint3& gl_WorkGroupID, threadgroup float (&sums)[512], device Dst& __restrict _1595)
{
    for (uint e = member; e < _1562; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1578 = t >= p.rows;
        bool _1588;
        if (!_1578)
        {
            _1588 = (m + k) >= p.outs;
        }
        else
        {
            _1588 = _1578;
        }
        if (_1588)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        _1595.dst[((p.dst_off + (((gl_WorkGroupID.z * p.rows) + t) * p.dst_stride)) + m) + k] = sums[sum_at(param, param_1, sub)];
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void x_proj_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1595 [[buffer(1)]], const device Src& _1537 [[buffer(2)]], const device Weight& __restrict _561 [[buffer(3)]], const device Live& _527 [[buffer(4)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    load_codebook(param, param_1, codebook, p, _561);
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
    uint held = _846 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _527);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _880;
    if ((first + sub) < last)
    {
        _880 = (first + sub) * OUTS;
    }
    else
    {
        _880 = p.outs;
    }
    uint m = _880;
    Chunk next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _930 = w_ < end;
            bool _937;
            if (_930)
            {
                _937 = m_ < p.outs;
            }
            else
            {
                _937 = _930;
            }
            if (_937)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _561);
            }
        }
    }
    uint _972;
    float acc[32];
    float4 x[4];
    Chunk now[8];
    uint _1239;
    Scales scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _972 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _972 = p.outs;
        }
        uint after = _972;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _1003; i_1++)
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
                        uint team = _1044;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1060 = min(words, (end - w)) * SLOTS;
                        uint _1064 = at % team;
                        uint quads = _1060;
                        uint v0 = _1064;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1088 = column(param_6, param_7);
                                uint c = _1088;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1105 = v < quads;
                                    bool _1112;
                                    if (_1105)
                                    {
                                        _1112 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1112 = _1105;
                                    }
                                    bool _1121;
                                    if (_1112)
                                    {
                                        _1121 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1121 = _1112;
                                    }
                                    if (_1121)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1537);
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
                    expect(param_11, param_12);
                }
                for (uint i_2 = 0u; i_2 < _1207; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1233;
                if (!more)
                {
                    _1233 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1233 = more;
                }
                uint m_next = _1233 ? m : after;
                if (more)
                {
                    _1239 = w + stride;
                }
                else
                {
                    _1239 = begin;
                }
                uint w_next = _1239;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1284 = w_1 < end;
                        bool _1291;
                        if (_1284)
                        {
                            _1291 = m_1 < p.outs;
                        }
                        else
                        {
                            _1291 = _1284;
                        }
                        if (_1291)
                        {
                            uint param_13 = m_1;
                            uint param_14 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_13, param_14, p, _561);
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
                        for (uint run = 0u; run < _1369; run++)
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
            finish(param_26, param_27, p, sub, member, members, gl_WorkGroupID, sums, _1595);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

