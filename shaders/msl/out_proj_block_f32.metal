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
constant bool _106 = (FORMAT == 0u);
constant bool _124 = (FORMAT == 0u);
constant bool _164 = (FORMAT == 0u);
constant bool _182 = (FORMAT == 1u);
constant bool _190 = (FORMAT == 2u);
constant bool _283 = (FORMAT == 3u);
constant bool _334 = (FORMAT == 0u);
constant bool _350 = (FORMAT == 3u);
constant bool _375 = (FORMAT == 1u);
constant bool _377 = (FORMAT == 3u);
constant float _379 = _377 ? 32.0 : 0.0;
constant float _380 = _375 ? 8.0 : _379;
constant bool _437 = (FORMAT == 0u);
constant bool _450 = (FORMAT == 2u);
constant bool _463 = (FORMAT != 4u);

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
};

struct Live
{
    int live[1];
};

constant bool _542 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _573 = (FORMAT == 3u);
constant bool _650 = (FORMAT == 2u);
constant bool _668 = (FORMAT == 4u);
constant uint _736_tmp [[function_constant(0)]];
constant uint _736 = is_function_constant_defined(_736_tmp) ? _736_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_736, 1u, 1u);
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
constant bool _829 = (FORMAT == 0u);
constant int _831 = _829 ? 16 : 32;
constant uint PER_WORD = (uint(_831) + 0u);
constant uint SLOTS = (PER_WORD / 4u);
constant uint _834 = (ROWS * SLOTS);
constant uint _835 = (TILE / _834);
constant uint _992 = (OUTS * ROWS);
constant uint _1032 = gl_WorkGroupSize.x;
constant uint _1033 = (_1032 / ROWS);
constant uint _1191 = (OUTS * AHEAD);
constant uint _1353 = (PER_WORD / 16u);

struct Src
{
    float src[1];
};

constant uint _1545 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

struct Residual
{
    float residual[1];
};

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at, threadgroup float (&book)[16], constant Params& p, const device Weight& __restrict _554)
{
    if (_668)
    {
        if (at < 16u)
        {
            book[at] = as_type<float>(((device uint*)&_554.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    if (_106)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _520)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_520.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
Piece no_piece()
{
    return Piece{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Piece piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _554)
{
    Piece v = no_piece();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_542)
    {
        block = row + ((w / 16u) * 17u);
        v.code = _554.weight[(block + 1u) + (w % 16u)];
        v.scale.x = ((device uint*)&_554.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_573)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            v.code = _554.weight[(at + 1u) + (w % 8u)];
            v.high = uint2(((device uint*)&_554.weight[high])[(w % 2u) * 2u], ((device uint*)&_554.weight[high])[((w % 2u) * 2u) + 1u]);
            v.scale.x = ((device uint*)&_554.weight[at])[(w / 2u) % 4u];
            v.scale.y = ((device uint*)&_554.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            v.code = _554.weight[(block + 1u) + (w % 8u)];
            if (_650)
            {
                v.scale = _554.weight[block];
            }
            else
            {
                v.scale.x = ((device uint*)&_554.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return v;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_124)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1521)
{
    return _1521.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
Scale scale_of(thread const Piece& v, thread const uint& w)
{
    Scale s;
    s.low = float2(0.0);
    if (_164)
    {
        s.unit = float2(float2(as_type<half2>(v.scale.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_182)
        {
            s.unit = float2(as_type<half2>(v.scale.x));
        }
        else
        {
            if (_190)
            {
                uint3 b = v.scale.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _214;
                if (late)
                {
                    _214 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _214 = b.x & 16191u;
                }
                uint units = _214;
                uint _235;
                if (late)
                {
                    _235 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _235 = b.y & 16191u;
                }
                uint lows = _235;
                float2 d = float2(as_type<half2>(v.scale.x));
                s.unit = float2(float(units & 255u), float(units >> uint(8))) * d.x;
                s.low = float2(float(lows & 255u), float(lows >> uint(8))) * d.y;
            }
            else
            {
                if (_283)
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
uint codes4(thread const Piece& v, thread const uint& run, thread const uint& q)
{
    if (_334)
    {
        return v.code[q];
    }
    uint c = (v.code[q] >> (run * 4u)) & 252645135u;
    if (_350)
    {
        uint _355;
        if (run == 0u)
        {
            _355 = v.high.x;
        }
        else
        {
            _355 = v.high.y;
        }
        c |= (((_355 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float excess()
{
    return _380;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Piece& v, thread const Scale& s, thread const uint& run, thread const uint& q, threadgroup float (&book)[16])
{
    Piece param = v;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _416;
    if (run == 0u)
    {
        _416 = s.unit.x;
    }
    else
    {
        _416 = s.unit.y;
    }
    float unit = _416;
    float _428;
    if (run == 0u)
    {
        _428 = s.low.x;
    }
    else
    {
        _428 = s.low.y;
    }
    float low = _428;
    if (_437)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * unit;
    }
    if (_450)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * unit) - float4(low);
    }
    if (_463)
    {
        uint param_7 = c;
        float param_8 = excess();
        return bytes4(param_7, param_8) * unit;
    }
    return float4(book[c & 255u], book[(c >> uint(8)) & 255u], book[(c >> uint(16)) & 255u], book[c >> uint(24)]) * unit;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lane, thread uint& lanes, thread uint& alive, threadgroup float (&sums)[512], const device Bias& _1592, device Dst& _1606, const device Residual& _1622)
{
    for (uint e = lane; e < _1545; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1560 = t >= alive;
        bool _1570;
        if (!_1560)
        {
            _1570 = (m + k) >= p.outs;
        }
        else
        {
            _1570 = _1560;
        }
        if (_1570)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        float y = sums[sum_at(param, param_1, sub)];
        if (p.bias_off != 4294967295u)
        {
            y += _1592.bias0[(p.bias_off + m) + k];
        }
        _1606.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = _1622.residual[((p.residual_off + (t * p.residual_stride)) + m) + k] + y;
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void out_proj_block_f32(constant Params& p [[buffer(0)]], device Dst& _1606 [[buffer(1)]], const device Residual& _1622 [[buffer(2)]], const device Src& _1521 [[buffer(3)]], const device Weight& __restrict _554 [[buffer(4)]], const device Bias& _1592 [[buffer(5)]], const device Live& _520 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float book[16];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint param = p.outs;
    uint param_1 = at;
    open_weight(param, param_1, book, p, _554);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _835 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _520);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _869;
    if ((first + sub) < last)
    {
        _869 = (first + sub) * OUTS;
    }
    else
    {
        _869 = p.outs;
    }
    uint m = _869;
    Piece next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_piece();
            bool _919 = w_ < end;
            bool _926;
            if (_919)
            {
                _926 = m_ < p.outs;
            }
            else
            {
                _926 = _919;
            }
            if (_926)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = piece(param_4, param_5, p, _554);
            }
        }
    }
    uint _961;
    float acc[32];
    float4 x[4];
    Piece now[8];
    uint _1223;
    Scale scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _961 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _961 = p.outs;
        }
        uint after = _961;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _992; i_1++)
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
                        uint team = _1033;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1049 = min(words, (end - w)) * SLOTS;
                        uint _1053 = at % team;
                        uint quads = _1049;
                        uint v0 = _1053;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1077 = column(param_6, param_7);
                                uint c = _1077;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1094 = v < quads;
                                    bool _1101;
                                    if (_1094)
                                    {
                                        _1101 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1101 = _1094;
                                    }
                                    bool _1110;
                                    if (_1101)
                                    {
                                        _1110 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1110 = _1101;
                                    }
                                    if (_1110)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1521);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_10 = block;
                                prepare(param_10);
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
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _1191; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1217;
                if (!more)
                {
                    _1217 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1217 = more;
                }
                uint m_next = _1217 ? m : after;
                if (more)
                {
                    _1223 = w + stride;
                }
                else
                {
                    _1223 = begin;
                }
                uint w_next = _1223;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_piece();
                        bool _1268 = w_1 < end;
                        bool _1275;
                        if (_1268)
                        {
                            _1275 = m_1 < p.outs;
                        }
                        else
                        {
                            _1275 = _1268;
                        }
                        if (_1275)
                        {
                            uint param_11 = m_1;
                            uint param_12 = w_1;
                            next[(i_3 * AHEAD) + u_1] = piece(param_11, param_12, p, _554);
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
                            Piece param_13 = now[(i_4 * AHEAD) + u_2];
                            uint param_14 = wu;
                            scale[i_4] = scale_of(param_13, param_14);
                        }
                        for (uint run = 0u; run < _1353; run++)
                        {
                            for (uint q = 0u; q < 4u; q++)
                            {
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    Piece param_15 = now[(i_5 * AHEAD) + u_2];
                                    Scale param_16 = scale[i_5];
                                    uint param_17 = run;
                                    uint param_18 = q;
                                    y[i_5] = weight4(param_15, param_16, param_17, param_18, book);
                                }
                                for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                                {
                                    float4 x_1 = tile[(((((r_1 * SLOTS) + (run * 4u)) + q) * words) + from) + (u_2 * lanes)];
                                    for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                    {
                                        float4 param_19 = y[i_6];
                                        float4 param_20 = x_1;
                                        float param_21 = acc[(i_6 * ROWS) + r_1];
                                        acc[(i_6 * ROWS) + r_1] = dot_add(param_19, param_20, param_21);
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
                        int param_22 = int(r_2);
                        uint param_23 = i_7;
                        sums[sum_at(param_22, param_23, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_24 = m;
            uint param_25 = block;
            finish(param_24, param_25, p, sub, lane, lanes, alive, sums, _1592, _1606, _1622);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

