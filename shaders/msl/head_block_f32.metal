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
constant bool _137 = (FORMAT == 0u);
constant bool _155 = (FORMAT == 0u);
constant bool _195 = (FORMAT == 0u);
constant bool _213 = (FORMAT == 1u);
constant bool _221 = (FORMAT == 2u);
constant bool _314 = (FORMAT == 3u);
constant bool _365 = (FORMAT == 0u);
constant bool _381 = (FORMAT == 3u);
constant bool _406 = (FORMAT == 1u);
constant bool _408 = (FORMAT == 3u);
constant float _410 = _408 ? 32.0 : 0.0;
constant float _411 = _406 ? 8.0 : _410;
constant bool _468 = (FORMAT == 0u);
constant bool _481 = (FORMAT == 2u);
constant bool _494 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint live_off;
};

struct Live
{
    int live[1];
};

constant bool _573 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _604 = (FORMAT == 3u);
constant bool _681 = (FORMAT == 2u);
constant bool _699 = (FORMAT == 4u);
constant uint _753_tmp [[function_constant(0)]];
constant uint _753 = is_function_constant_defined(_753_tmp) ? _753_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_753, 1u, 1u);
constant uint _755 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _757 = (_755 / ROWS);
constant uint _765 = gl_WorkGroupSize.x;
constant uint _766 = (_765 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _997 = (FORMAT == 0u);
constant int _999 = _997 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_999) + 0u);
constant uint SLOTS = (CHUNK_SIZE / 4u);
constant uint _1002 = (ROWS * SLOTS);
constant uint _1003 = (TILE / _1002);
constant uint _1160 = (OUTS * ROWS);
constant uint _1200 = gl_WorkGroupSize.x;
constant uint _1201 = (_1200 / ROWS);
constant uint _1457 = (OUTS * AHEAD);
constant uint _1619 = (CHUNK_SIZE / 16u);

struct From
{
    uint from[1];
};

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant uint _1850 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _585)
{
    if (_699)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_585.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_137)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _551)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_551.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _585)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_573)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _585.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_585.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_604)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _585.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_585.weight[high])[(w % 2u) * 2u], ((device uint*)&_585.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_585.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_585.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _585.weight[(block + 1u) + (w % 8u)];
            if (_681)
            {
                chunk.scales = _585.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_585.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_155)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1788, const device Src& _1810)
{
    uint row = _1788.from[p.from_off + (t * p.from_stride)];
    float _1804;
    if (row < p.src_rows)
    {
        _1804 = _1810.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1804 = 0.0;
    }
    return _1804;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1832)
{
    return _1832.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
uint square_parts(thread uint& lanes)
{
    return max((_757 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _766;
    uint parts = square_parts(lanes);
    uint _817;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _817 = sub % parts;
            }
            else
            {
                _817 = 0u;
            }
            squares[(r * parts) + _817] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
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
    if (_195)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_213)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_221)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _245;
                if (late)
                {
                    _245 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _245 = b.x & 16191u;
                }
                uint scales = _245;
                uint _266;
                if (late)
                {
                    _266 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _266 = b.y & 16191u;
                }
                uint mins = _266;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_314)
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
    if (_365)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_381)
    {
        uint _386;
        if (run == 0u)
        {
            _386 = chunk.high.x;
        }
        else
        {
            _386 = chunk.high.y;
        }
        c |= (((_386 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _411;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _447;
    if (run == 0u)
    {
        _447 = s.scales.x;
    }
    else
    {
        _447 = s.scales.y;
    }
    float scale = _447;
    float _459;
    if (run == 0u)
    {
        _459 = s.mins.x;
    }
    else
    {
        _459 = s.mins.y;
    }
    float min_ = _459;
    if (_468)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_481)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_494)
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
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float row_scale(thread const uint& r, constant Params& p, thread uint& lanes, threadgroup float (&squares)[128])
{
    float sum = 0.0;
    uint parts = square_parts(lanes);
    for (uint i = 0u; i < parts; i++)
    {
        sum += squares[(r * parts) + i];
    }
    float param = sum;
    uint param_1 = p.cols;
    float param_2 = p.eps;
    return rms_scale(param, param_1, param_2);
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, threadgroup float (&squares)[128], thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], device Dst& __restrict _1882)
{
    for (uint e = member; e < _1850; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1865 = t >= alive;
        bool _1875;
        if (!_1865)
        {
            _1875 = (m + k) >= p.outs;
        }
        else
        {
            _1875 = _1865;
        }
        if (_1875)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        _1882.dst[(((p.dst_off + (t * p.dst_stride)) + p.first) + m) + k] = sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares);
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void head_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1882 [[buffer(1)]], const device Src& _1810 [[buffer(2)]], const device From& _1788 [[buffer(3)]], const device Norm& _1832 [[buffer(4)]], const device Weight& __restrict _585 [[buffer(5)]], const device Live& _551 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
    threadgroup float squares[128];
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
    load_codebook(param, param_1, codebook, p, _585);
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
    uint held = _1003 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _551);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _1037;
    if ((first + sub) < last)
    {
        _1037 = (first + sub) * OUTS;
    }
    else
    {
        _1037 = p.outs;
    }
    uint m = _1037;
    Chunk next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1087 = w_ < end;
            bool _1094;
            if (_1087)
            {
                _1094 = m_ < p.outs;
            }
            else
            {
                _1094 = _1087;
            }
            if (_1094)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _585);
            }
        }
    }
    uint _1129;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    Chunk now[8];
    uint _1489;
    Scales scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _1129 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _1129 = p.outs;
        }
        uint after = _1129;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _1160; i_1++)
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
                        uint team = _1201;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1217 = min(words, (end - w)) * SLOTS;
                        uint _1221 = at % team;
                        uint quads = _1217;
                        uint v0 = _1221;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1245 = column(param_6, param_7);
                                uint c = _1245;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1262 = v < quads;
                                    bool _1269;
                                    if (_1262)
                                    {
                                        _1269 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1269 = _1262;
                                    }
                                    bool _1278;
                                    if (_1269)
                                    {
                                        _1278 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1278 = _1269;
                                    }
                                    if (_1278)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1788, _1810);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint _1314 = column(param_10, param_11);
                                uint c_1 = _1314;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1328 = v_1 < quads;
                                    bool _1337;
                                    if (_1328)
                                    {
                                        _1337 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1337 = _1328;
                                    }
                                    if (_1337)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1832);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _1379 = rms_square(param_13);
                                    mine += _1379;
                                }
                                x[j_2] *= gain[j_2];
                                if (v_2 < quads)
                                {
                                    tile[(((r * SLOTS) + (v_2 % SLOTS)) * words) + (v_2 / SLOTS)] = x[j_2];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if ((s + held) >= steps)
                        {
                            float param_14 = mine;
                            put_squares(param_14, sub, lanes, at, lane, squares);
                        }
                        if (s == 0u)
                        {
                            uint param_15 = block;
                            prepare(param_15);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17);
                }
                for (uint i_2 = 0u; i_2 < _1457; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1483;
                if (!more)
                {
                    _1483 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1483 = more;
                }
                uint m_next = _1483 ? m : after;
                if (more)
                {
                    _1489 = w + stride;
                }
                else
                {
                    _1489 = begin;
                }
                uint w_next = _1489;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1534 = w_1 < end;
                        bool _1541;
                        if (_1534)
                        {
                            _1541 = m_1 < p.outs;
                        }
                        else
                        {
                            _1541 = _1534;
                        }
                        if (_1541)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _585);
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
                            Chunk param_20 = now[(i_4 * AHEAD) + u_2];
                            uint param_21 = wu;
                            scale[i_4] = scales_of(param_20, param_21);
                        }
                        for (uint run = 0u; run < _1619; run++)
                        {
                            for (uint q = 0u; q < 4u; q++)
                            {
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    Chunk param_22 = now[(i_5 * AHEAD) + u_2];
                                    Scales param_23 = scale[i_5];
                                    uint param_24 = run;
                                    uint param_25 = q;
                                    y[i_5] = weight4(param_22, param_23, param_24, param_25, codebook);
                                }
                                for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                                {
                                    float4 x_1 = tile[(((((r_1 * SLOTS) + (run * 4u)) + q) * words) + from) + (u_2 * lanes)];
                                    for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                    {
                                        float4 param_26 = y[i_6];
                                        float4 param_27 = x_1;
                                        float param_28 = acc[(i_6 * ROWS) + r_1];
                                        acc[(i_6 * ROWS) + r_1] = dot_add(param_26, param_27, param_28);
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
                        int param_29 = int(r_2);
                        uint param_30 = i_7;
                        sums[sum_at(param_29, param_30, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_31 = m;
            uint param_32 = block;
            finish(param_31, param_32, p, sub, lanes, squares, member, members, alive, sums, _1882);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

