#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

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

constant uint _185_tmp [[function_constant(0)]];
constant uint _185 = is_function_constant_defined(_185_tmp) ? _185_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_185, 1u, 1u);
constant uint _188 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _190 = (_188 / ROWS);
constant uint _198 = gl_WorkGroupSize.x;
constant uint _199 = (_198 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _421 = (ROWS * 2u);
constant uint _422 = (TILE / _421);

struct Weight
{
    uint4 weight[1];
};

constant uint _588 = (OUTS * ROWS);
constant uint _630 = gl_WorkGroupSize.x;
constant uint _631 = (_630 / ROWS);
constant uint _882 = (OUTS * AHEAD);

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

struct Dst
{
    uint dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _139)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_139.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1168, const device Src& _1192)
{
    uint row = _1168.from[p.from_off + (t * p.from_stride)];
    float _1186;
    if (row < p.src_rows)
    {
        _1186 = _1192.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1186 = 0.0;
    }
    return _1186;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1214)
{
    return _1214.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
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
    return max((_190 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _199;
    uint parts = square_parts(lanes);
    uint _252;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _252 = sub % parts;
            }
            else
            {
                _252 = 0u;
            }
            squares[(r * parts) + _252] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _91;
    if (q == 0u)
    {
        _91 = w.xy;
    }
    else
    {
        _91 = w.zw;
    }
    uint2 h = _91;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
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
uint ordered(thread const uint& bits)
{
    uint _1228;
    if ((bits & 2147483648u) != 0u)
    {
        _1228 = ~bits;
    }
    else
    {
        _1228 = bits | 2147483648u;
    }
    return _1228;
}

static inline __attribute__((always_inline))
uint number_key(thread const uint& bits)
{
    if ((bits & 2147483647u) > 2139095040u)
    {
        return 0u;
    }
    uint param = (bits == 2147483648u) ? 0u : bits;
    return ordered(param);
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, thread bool& chosen, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], threadgroup float (&sums)[512], threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128])
{
    uint _1271;
    uint _1285;
    for (uint r = lane; r < ROWS; r += lanes)
    {
        uint i = (sub * 8u) + r;
        if (chosen)
        {
            _1271 = best_key[i];
        }
        else
        {
            _1271 = 0u;
        }
        uint key = _1271;
        if (chosen)
        {
            _1285 = best_at[i];
        }
        else
        {
            _1285 = 0u;
        }
        uint where = _1285;
        uint param = r;
        float scale = row_scale(param, p, lanes, squares);
        uint k = 0u;
        for (;;)
        {
            bool _1305 = k < OUTS;
            bool _1314;
            if (_1305)
            {
                _1314 = (m + k) < p.outs;
            }
            else
            {
                _1314 = _1305;
            }
            if (_1314)
            {
                int param_1 = int(r);
                uint param_2 = k;
                uint param_3 = as_type<uint>(sums[sum_at(param_1, param_2, sub)] * scale);
                uint other = number_key(param_3);
                if (other > key)
                {
                    key = other;
                    where = (p.first + m) + k;
                }
                k++;
                continue;
            }
            else
            {
                break;
            }
        }
        best_key[i] = key;
        best_at[i] = where;
    }
    chosen = true;
}

static inline __attribute__((always_inline))
void conclude(thread bool& chosen, constant Params& p, thread uint& at, thread uint& subs, thread uint3& gl_WorkGroupID, threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128], device Dst& __restrict _1439)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint r = at;
    uint t = (gl_WorkGroupID.y * ROWS) + r;
    bool _1363 = r >= ROWS;
    bool _1371;
    if (!_1363)
    {
        _1371 = t >= p.rows;
    }
    else
    {
        _1371 = _1363;
    }
    if (_1371)
    {
        return;
    }
    uint key = 0u;
    uint where = 0u;
    for (uint s = 0u; chosen && (s < subs); s++)
    {
        uint k = best_key[(s * 8u) + r];
        uint w = best_at[(s * 8u) + r];
        bool _1404 = k > key;
        bool _1415;
        if (!_1404)
        {
            _1415 = (k == key) && (w < where);
        }
        else
        {
            _1415 = _1404;
        }
        if (_1415)
        {
            key = k;
            where = w;
        }
    }
    uint i = (p.dst_off + (t * p.dst_stride)) + (2u * gl_WorkGroupID.x);
    _1439.dst[i] = key;
    _1439.dst[i + 1u] = where;
}

kernel void head_argmax_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1439 [[buffer(1)]], const device Src& _1192 [[buffer(2)]], const device From& _1168 [[buffer(3)]], const device Norm& _1214 [[buffer(4)]], const device Weight& __restrict _524 [[buffer(5)]], const device Live& _139 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    threadgroup uint best_key[128];
    threadgroup uint best_at[128];
    threadgroup uint pair_x[1];
    threadgroup uint pair_y[1];
    bool chosen = false;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint span = ((p.pitch + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), p.pitch);
    uint end = min((begin + span), p.pitch);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _422 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _139);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _457;
    if ((first + sub) < last)
    {
        _457 = (first + sub) * OUTS;
    }
    else
    {
        _457 = p.outs;
    }
    uint m = _457;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _507 = w_ < end;
            bool _514;
            if (_507)
            {
                _514 = m_ < p.outs;
            }
            else
            {
                _514 = _507;
            }
            if (_514)
            {
                next[(i * AHEAD) + u] = _524.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint _557;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _914;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _557 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _557 = p.outs;
        }
        uint after = _557;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _588; i_1++)
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
                        uint team = _631;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _647 = min(words, (end - w)) * 2u;
                        uint _651 = at % team;
                        uint quads = _647;
                        uint v0 = _651;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = ((w * 2u) + v) * 4u;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _692 = v < quads;
                                    bool _699;
                                    if (_692)
                                    {
                                        _699 = t < p.rows;
                                    }
                                    else
                                    {
                                        _699 = _692;
                                    }
                                    bool _708;
                                    if (_699)
                                    {
                                        _708 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _708 = _699;
                                    }
                                    if (_708)
                                    {
                                        uint param = t;
                                        uint param_1 = c + k;
                                        x[j][k] = source(param, param_1, p, _1168, _1192);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint c_1 = ((w * 2u) + v_1) * 4u;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _758 = v_1 < quads;
                                    bool _767;
                                    if (_758)
                                    {
                                        _767 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _767 = _758;
                                    }
                                    if (_767)
                                    {
                                        uint param_2 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_2, p, _1214);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_3 = block;
                                prepare(param_3);
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_4 = x[j_2][k_2];
                                    float _820 = rms_square(param_4);
                                    mine += _820;
                                }
                                x[j_2] *= gain[j_2];
                                if (v_2 < quads)
                                {
                                    tile[(((r * 2u) + (v_2 % 2u)) * words) + (v_2 / 2u)] = x[j_2];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if ((s + held) >= steps)
                        {
                            float param_5 = mine;
                            put_squares(param_5, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _882; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _908;
                if (!more)
                {
                    _908 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _908 = more;
                }
                uint m_next = _908 ? m : after;
                if (more)
                {
                    _914 = w + stride;
                }
                else
                {
                    _914 = begin;
                }
                uint w_next = _914;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _958 = w_1 < end;
                        bool _965;
                        if (_958)
                        {
                            _965 = m_1 < p.outs;
                        }
                        else
                        {
                            _965 = _958;
                        }
                        if (_965)
                        {
                            next[(i_3 * AHEAD) + u_1] = _524.weight[(m_1 * p.pitch) + w_1];
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    if (((w + (u_2 * lanes)) + lane) < end)
                    {
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                            {
                                uint4 param_6 = now[(i_4 * AHEAD) + u_2];
                                uint param_7 = q;
                                y[i_4] = weight4(param_6, param_7);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[((((r_1 * 2u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    float4 param_8 = y[i_5];
                                    float4 param_9 = x_1;
                                    float param_10 = acc[(i_5 * ROWS) + r_1];
                                    acc[(i_5 * ROWS) + r_1] = dot_add(param_8, param_9, param_10);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_6 = 0u; i_6 < OUTS; i_6++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_6 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_11 = int(r_2);
                        uint param_12 = i_6;
                        sums[sum_at(param_11, param_12, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_13 = m;
            uint param_14 = block;
            finish(param_13, param_14, chosen, p, sub, lanes, lane, squares, sums, best_key, best_at);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude(chosen, p, at, subs, gl_WorkGroupID, best_key, best_at, _1439);
}

