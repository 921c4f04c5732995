#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

// Implementation of the unsigned GLSL findMSB() function
template<typename T>
inline T spvFindUMSB(T x)
{
    return select(clz(T(0)) - (clz(x) + T(1)), T(-1), x == T(0));
}

template<typename T>
[[clang::optnone]] T spvFMul(T l, T r)
{
    return fma(l, r, T(0));
}

template<typename T, int Cols, int Rows>
[[clang::optnone]] vec<T, Cols> spvFMulVectorMatrix(vec<T, Rows> v, matrix<T, Cols, Rows> m)
{
    vec<T, Cols> res = vec<T, Cols>(0);
    for (uint i = Rows; i > 0; --i)
    {
        vec<T, Cols> tmp(0);
        for (uint j = 0; j < Cols; ++j)
        {
            tmp[j] = m[j][i - 1];
        }
        res = fma(tmp, vec<T, Cols>(v[i - 1]), res);
    }
    return res;
}

template<typename T, int Cols, int Rows>
[[clang::optnone]] vec<T, Rows> spvFMulMatrixVector(matrix<T, Cols, Rows> m, vec<T, Cols> v)
{
    vec<T, Rows> res = vec<T, Rows>(0);
    for (uint i = Cols; i > 0; --i)
    {
        res = fma(m[i - 1], vec<T, Rows>(v[i - 1]), res);
    }
    return res;
}

template<typename T, int LCols, int LRows, int RCols, int RRows>
[[clang::optnone]] matrix<T, RCols, LRows> spvFMulMatrixMatrix(matrix<T, LCols, LRows> l, matrix<T, RCols, RRows> r)
{
    matrix<T, RCols, LRows> res;
    for (uint i = 0; i < RCols; i++)
    {
        vec<T, RCols> tmp(0);
        for (uint j = 0; j < LCols; j++)
        {
            tmp = fma(vec<T, RCols>(r[i][j]), l[j], tmp);
        }
        res[i] = tmp;
    }
    return res;
}

template<typename T>
[[clang::optnone]] T spvFSub(T l, T r)
{
    return fma(T(-1), r, l);
}

template<typename T, typename U, typename V>
[[clang::optnone]] T spvMulExtended(V l, V r)
{
    return T{U(l * r), U(mulhi(l, r))};
}

struct Params
{
    uint tokens;
    uint dst_off;
    uint dst_stride;
    uint logits_off;
    uint logits_stride;
    uint records_off;
    uint records_stride;
    uint slots;
    uint counts_off;
    uint counts_stride;
    uint keys_off;
    uint keys_stride;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

struct ResType
{
    uint _m0;
    uint _m1;
};

constant uint _279_tmp [[function_constant(0)]];
constant uint _279 = is_function_constant_defined(_279_tmp) ? _279_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_279, 1u, 1u);
constant uint _282 = gl_WorkGroupSize.x;
constant uint _283 = (_282 / 2u);

struct Records
{
    uint records[1];
};

struct Logits
{
    uint logits[1];
};

struct Counts
{
    int counts[1];
};

struct Keys
{
    uint keys[1];
};

constant uint _1283 = gl_WorkGroupSize.x;
constant uint _1284 = (_1283 / 2u);

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _129)
{
    return min(p.batch_records, uint(max(_129.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _129)
{
    return uint(_129.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
uint record(thread const uint& word, const device Records& _351, thread uint& record_at)
{
    return _351.records[record_at + word];
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _246;
    if ((bits & 2147483648u) != 0u)
    {
        _246 = ~bits;
    }
    else
    {
        _246 = bits | 2147483648u;
    }
    return _246;
}

static inline __attribute__((always_inline))
uint score_key(thread const uint& bits)
{
    if (((bits & 2147483647u) > 2139095040u) || (bits == 4286578688u))
    {
        return 0u;
    }
    if (bits == 2139095040u)
    {
        uint param = 2139095039u;
        return ordered(param);
    }
    uint param_1 = ((bits & 2139095040u) == 0u) ? 0u : bits;
    return ordered(param_1);
}

static inline __attribute__((always_inline))
uint penalised_key(thread const uint& i, thread const float& penalty, thread const float& inv_penalty, const device Logits& _410, thread uint& logits_at, const device Counts& _425, thread uint& counts_at)
{
    uint bits = _410.logits[logits_at + i];
    bool _419 = penalty != 1.0;
    bool _433;
    if (_419)
    {
        _433 = _425.counts[counts_at + i] > 0;
    }
    else
    {
        _433 = _419;
    }
    if (_433)
    {
        float s = as_type<float>(bits);
        float y = spvFMul(s, (s < 0.0) ? penalty : inv_penalty);
        bits = as_type<uint>(y);
    }
    uint param = bits;
    return score_key(param);
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[512], threadgroup uint (&pair_y)[512])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _283; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _312 = k > pair_x[i];
            bool _329;
            if (!_312)
            {
                bool _320 = k == pair_x[i];
                bool _328;
                if (_320)
                {
                    _328 = a < pair_y[i];
                }
                else
                {
                    _328 = _320;
                }
                _329 = _328;
            }
            else
            {
                _329 = _312;
            }
            if (_329)
            {
                pair_x[i] = k;
                pair_y[i] = a;
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    greatest = pair_x[0];
    uint first = pair_y[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return first;
}

static inline __attribute__((always_inline))
uint live_tokens(thread const uint& mine, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[512])
{
    uint me = gl_LocalInvocationIndex;
    pair_x[me] = mine;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _1284; n > 0u; n /= 2u)
    {
        if (me < n)
        {
            pair_x[me] += pair_x[me + n];
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint _all = pair_x[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return _all;
}

static inline __attribute__((always_inline))
uint place(thread const uint& mode, thread const uint& i, thread const uint& key)
{
    uint _591;
    if (mode <= 1u)
    {
        _591 = ~key;
    }
    else
    {
        _591 = i;
    }
    return _591;
}

static inline __attribute__((always_inline))
float score_of(thread const uint& key)
{
    uint _394;
    if ((key & 2147483648u) != 0u)
    {
        _394 = key & 2147483647u;
    }
    else
    {
        _394 = ~key;
    }
    return as_type<float>(_394);
}

static inline __attribute__((always_inline))
uint mul_high(thread const uint& a, thread const uint& b)
{
    ResType _213 = spvMulExtended<ResType, uint>(a, b);
    uint lo = _213._m0;
    uint hi = _213._m1;
    return hi;
}

static inline __attribute__((always_inline))
uint weight_of(thread const float& t)
{
    if (!(t < 32.0))
    {
        return 0u;
    }
    uint x = uint(t * 67108864.0);
    uint n = x >> uint(26);
    uint f = x << uint(6);
    uint param = f;
    uint param_1 = 470132u;
    uint h = mul_high(param, param_1);
    uint param_2 = f;
    uint param_3 = 5481167u - h;
    h = mul_high(param_2, param_3);
    uint param_4 = f;
    uint param_5 = 41149752u - h;
    h = mul_high(param_4, param_5);
    uint param_6 = f;
    uint param_7 = 238335109u - h;
    h = mul_high(param_6, param_7);
    uint param_8 = f;
    uint param_9 = 1031756795u - h;
    h = mul_high(param_8, param_9);
    uint param_10 = f;
    uint param_11 = 2977044050u - h;
    h = mul_high(param_10, param_11);
    uint m = 2147483648u - ((h + 1u) >> uint(1));
    uint _523;
    if (n == 0u)
    {
        _523 = m;
    }
    else
    {
        _523 = (m + (1u << (n - 1u))) >> n;
    }
    return _523;
}

static inline __attribute__((always_inline))
uint weight(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = greatest;
    uint param_1 = key;
    float d = spvFSub(score_of(param), score_of(param_1));
    float t = spvFMul(d, scale);
    float param_2 = t;
    return weight_of(param_2);
}

static inline __attribute__((always_inline))
uint kept(thread const uint& i, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least)
{
    bool _561 = key < lowest;
    bool _573;
    if (!_561)
    {
        _573 = (key == lowest) && (i > last);
    }
    else
    {
        _573 = _561;
    }
    if (_573)
    {
        return 0u;
    }
    uint param = key;
    uint w = weight(param, greatest, scale);
    return (w < least) ? 0u : w;
}

static inline __attribute__((always_inline))
uint amount(thread const uint& mode, thread const uint& i, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least)
{
    switch (mode)
    {
        case 0u:
        {
            return 1u;
        }
        case 1u:
        {
            uint _610;
            if (key < lowest)
            {
                _610 = 0u;
            }
            else
            {
                uint param = key;
                _610 = weight(param, greatest, scale);
            }
            return _610;
        }
        case 2u:
        {
            uint _622;
            if (key == lowest)
            {
                uint param_1 = key;
                _622 = weight(param_1, greatest, scale);
            }
            else
            {
                _622 = 0u;
            }
            return _622;
        }
    }
    uint param_2 = i;
    uint param_3 = key;
    return kept(param_2, param_3, greatest, scale, lowest, last, least);
}

static inline __attribute__((always_inline))
void add_to_bin(thread const uint& bin, thread const uint& v, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint _647 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_lo[bin], v, memory_order_relaxed);
    uint old = _647;
    if ((old + v) < old)
    {
        uint _658 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_hi[bin], 1u, memory_order_relaxed);
    }
}

static inline __attribute__((always_inline))
uint2 bin(thread const uint& i, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    return uint2(bin_lo[i], bin_hi[i]);
}

static inline __attribute__((always_inline))
uint2 wide_add(thread const uint2& a, thread const uint2& b)
{
    uint lo = a.x + b.x;
    return uint2(lo, (a.y + b.y) + uint(int(lo < a.x)));
}

static inline __attribute__((always_inline))
bool wide_less(thread const uint2& a, thread const uint2& b)
{
    bool _188 = a.y < b.y;
    bool _205;
    if (!_188)
    {
        bool _196 = a.y == b.y;
        bool _204;
        if (_196)
        {
            _204 = a.x < b.x;
        }
        else
        {
            _204 = _196;
        }
        _205 = _204;
    }
    else
    {
        _205 = _188;
    }
    return _205;
}

static inline __attribute__((always_inline))
void find(thread const uint& bins, thread const uint2& below, thread const uint2& target, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[512], threadgroup uint (&pair_y)[512], threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint each = ((bins + size) - 1u) / size;
    uint from = min((me * each), bins);
    uint to = min((from + each), bins);
    uint2 sum = uint2(0u);
    for (uint i = from; i < to; i++)
    {
        uint param = i;
        uint2 param_1 = sum;
        uint2 param_2 = bin(param, bin_lo, bin_hi);
        sum = wide_add(param_1, param_2);
    }
    pair_x[me] = sum.x;
    pair_y[me] = sum.y;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint2 _733;
    for (uint n = 1u; n < size; n *= 2u)
    {
        if (me >= n)
        {
            _733 = uint2(pair_x[me - n], pair_y[me - n]);
        }
        else
        {
            _733 = uint2(0u);
        }
        uint2 left = _733;
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint2 param_3 = sum;
        uint2 param_4 = left;
        sum = wide_add(param_3, param_4);
        pair_x[me] = sum.x;
        pair_y[me] = sum.y;
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint2 _767;
    if (me > 0u)
    {
        _767 = uint2(pair_x[me - 1u], pair_y[me - 1u]);
    }
    else
    {
        _767 = uint2(0u);
    }
    uint2 param_5 = below;
    uint2 param_6 = _767;
    uint2 before = wide_add(param_5, param_6);
    uint2 param_7 = before;
    uint2 param_8 = target;
    bool _789 = wide_less(param_7, param_8);
    bool _802;
    if (_789)
    {
        uint2 param_9 = below;
        uint2 param_10 = sum;
        uint2 param_11 = wide_add(param_9, param_10);
        uint2 param_12 = target;
        _802 = !wide_less(param_11, param_12);
    }
    else
    {
        _802 = _789;
    }
    if (_802)
    {
        for (uint i_1 = from; i_1 < to; i_1++)
        {
            uint param_13 = i_1;
            uint2 param_14 = before;
            uint2 param_15 = bin(param_13, bin_lo, bin_hi);
            uint2 after = wide_add(param_14, param_15);
            uint2 param_16 = after;
            uint2 param_17 = target;
            if (!wide_less(param_16, param_17))
            {
                found = i_1;
                below_lo = before.x;
                below_hi = before.y;
                break;
            }
            before = after;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
uint search(thread const uint& mode, thread const uint2& target, thread uint2& below, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[512], threadgroup uint (&pair_y)[512], thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, device Keys& __restrict _961, thread uint& keys_at)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint _850;
    if (mode <= 1u)
    {
        _850 = 32u;
    }
    else
    {
        _850 = uint(int(spvFindUMSB(p.tokens - 1u)) + 1);
    }
    uint bits = _850;
    uint prefix = 0u;
    uint shift = bits;
    below = uint2(0u);
    uint k[4];
    uint _955;
    while (shift > 0u)
    {
        uint n = min(shift, 10u);
        uint above = shift;
        shift -= n;
        for (uint i = me; i < (1u << n); i += size)
        {
            bin_lo[i] = 0u;
            bin_hi[i] = 0u;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint first = 0u;
        uint end = p.tokens;
        if ((mode > 1u) && (above < 32u))
        {
            first = (prefix << above) & (~(size - 1u));
            end = min(end, ((prefix + 1u) << above));
        }
        uint _926 = first + me;
        for (uint i0 = _926; i0 < end; i0 += (4u * size))
        {
            for (uint j = 0u; j < 4u; j++)
            {
                if ((i0 + (j * size)) < end)
                {
                    _955 = _961.keys[(keys_at + i0) + (j * size)];
                }
                else
                {
                    _955 = 0u;
                }
                k[j] = _955;
            }
            for (uint j_1 = 0u; j_1 < 4u; j_1++)
            {
                uint i_1 = i0 + (j_1 * size);
                uint param = mode;
                uint param_1 = i_1;
                uint param_2 = k[j_1];
                uint at = place(param, param_1, param_2);
                bool _1003 = i_1 >= end;
                bool _1017;
                if (!_1003)
                {
                    bool _1008 = above < 32u;
                    bool _1016;
                    if (_1008)
                    {
                        _1016 = (at >> above) != prefix;
                    }
                    else
                    {
                        _1016 = _1008;
                    }
                    _1017 = _1016;
                }
                else
                {
                    _1017 = _1003;
                }
                if (_1017)
                {
                    continue;
                }
                uint param_3 = mode;
                uint param_4 = i_1;
                uint param_5 = k[j_1];
                uint v = amount(param_3, param_4, param_5, greatest, scale, lowest, last, least);
                if (v != 0u)
                {
                    uint param_6 = (at >> shift) & ((1u << n) - 1u);
                    uint param_7 = v;
                    add_to_bin(param_6, param_7, bin_lo, bin_hi);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint param_8 = 1u << n;
        uint2 param_9 = below;
        uint2 param_10 = target;
        find(param_8, param_9, param_10, gl_LocalInvocationIndex, pair_x, pair_y, bin_lo, bin_hi, found, below_lo, below_hi);
        prefix = (prefix << n) | found;
        below = uint2(below_lo, below_hi);
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    return prefix;
}

static inline __attribute__((always_inline))
uint2 total(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[512], threadgroup uint (&pair_y)[512], thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, device Keys& __restrict _961, thread uint& keys_at)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint2 sum = uint2(0u);
    uint k[4];
    uint _1105;
    for (uint i0 = me; i0 < p.tokens; i0 += (4u * size))
    {
        for (uint j = 0u; j < 4u; j++)
        {
            if ((i0 + (j * size)) < p.tokens)
            {
                _1105 = _961.keys[(keys_at + i0) + (j * size)];
            }
            else
            {
                _1105 = 0u;
            }
            k[j] = _1105;
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint param = i0 + (j_1 * size);
            uint param_1 = k[j_1];
            uint2 param_2 = sum;
            uint2 param_3 = uint2(kept(param, param_1, greatest, scale, lowest, last, least), 0u);
            sum = wide_add(param_2, param_3);
        }
    }
    pair_x[me] = sum.x;
    pair_y[me] = sum.y;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint _1162 = size / 2u;
    for (uint n = _1162; n > 0u; n /= 2u)
    {
        if (me < n)
        {
            uint2 param_4 = sum;
            uint2 param_5 = uint2(pair_x[me + n], pair_y[me + n]);
            sum = wide_add(param_4, param_5);
            pair_x[me] = sum.x;
            pair_y[me] = sum.y;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint2 _all = uint2(pair_x[0], pair_y[0]);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return _all;
}

static inline __attribute__((always_inline))
uint2 wide_scaled(thread const uint2& a, thread const uint& fraction)
{
    ResType _224 = spvMulExtended<ResType, uint>(a.y, fraction);
    uint lo = _224._m0;
    uint hi = _224._m1;
    uint param = a.x;
    uint param_1 = fraction;
    uint2 param_2 = uint2(lo, hi);
    uint2 param_3 = uint2(mul_high(param, param_1), 0u);
    return wide_add(param_2, param_3);
}

static inline __attribute__((always_inline))
uint uniform_word(const device Records& _351, thread uint& record_at)
{
    uint param = 8u;
    uint4 c = uint4(record(param, _351, record_at), 0u, 0u, 0u);
    uint param_1 = 6u;
    uint param_2 = 7u;
    uint2 k = uint2(record(param_1, _351, record_at), record(param_2, _351, record_at));
    for (uint _round = 0u; _round < 10u; _round++)
    {
        ResType _1237 = spvMulExtended<ResType, uint>(3528531795u, c.x);
        uint alo = _1237._m0;
        uint ahi = _1237._m1;
        ResType _1245 = spvMulExtended<ResType, uint>(3449720151u, c.z);
        uint blo = _1245._m0;
        uint bhi = _1245._m1;
        c = uint4((bhi ^ c.y) ^ k.x, blo, (ahi ^ c.w) ^ k.y, alo);
        k += uint2(2654435769u, 3144134277u);
    }
    return c.x;
}

static inline __attribute__((always_inline))
uint draw(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[512], threadgroup uint (&pair_y)[512], const device Records& _351, thread uint& record_at, const device Logits& _410, thread uint& logits_at, const device Counts& _425, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, device Keys& __restrict _961, thread uint& keys_at)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    float _1323;
    if (counts_at == 4294967295u)
    {
        _1323 = 1.0;
    }
    else
    {
        uint param = 4u;
        _1323 = as_type<float>(record(param, _351, record_at));
    }
    float penalty = _1323;
    uint param_1 = 12u;
    float inv_penalty = as_type<float>(record(param_1, _351, record_at));
    uint key = 0u;
    uint at = 0u;
    uint live = 0u;
    uint k[4];
    uint _1368;
    for (uint i0 = me; i0 < p.tokens; i0 += (4u * size))
    {
        for (uint j = 0u; j < 4u; j++)
        {
            if ((i0 + (j * size)) < p.tokens)
            {
                uint param_2 = i0 + (j * size);
                float param_3 = penalty;
                float param_4 = inv_penalty;
                _1368 = penalised_key(param_2, param_3, param_4, _410, logits_at, _425, counts_at);
            }
            else
            {
                _1368 = 0u;
            }
            k[j] = _1368;
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint i = i0 + (j_1 * size);
            if (i < p.tokens)
            {
                _961.keys[keys_at + i] = k[j_1];
            }
            if (k[j_1] != 0u)
            {
                live++;
            }
            if (k[j_1] > key)
            {
                key = k[j_1];
                at = i;
            }
        }
    }
    uint param_5 = key;
    uint param_6 = at;
    uint param_7;
    uint _1445 = largest(param_5, param_6, param_7, gl_LocalInvocationIndex, pair_x, pair_y);
    greatest = param_7;
    uint best = _1445;
    uint param_8 = 11u;
    scale = as_type<float>(record(param_8, _351, record_at));
    if ((greatest == 0u) || (scale == 0.0))
    {
        return best;
    }
    uint param_9 = live;
    uint _1462 = live_tokens(param_9, gl_LocalInvocationIndex, pair_x);
    live = _1462;
    lowest = 1u;
    last = p.tokens;
    least = 0u;
    uint param_10 = 1u;
    uint top_k = record(param_10, _351, record_at);
    uint2 below;
    if ((top_k > 0u) && (top_k < live))
    {
        uint param_11 = 0u;
        uint2 param_12 = uint2(top_k, 0u);
        uint2 param_13;
        uint _1482 = search(param_11, param_12, param_13, p, gl_LocalInvocationIndex, pair_x, pair_y, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, below_lo, below_hi, _961, keys_at);
        below = param_13;
        lowest = ~_1482;
    }
    uint2 _1486 = total(p, gl_LocalInvocationIndex, pair_x, pair_y, greatest, scale, lowest, last, least, _961, keys_at);
    uint2 mass = _1486;
    uint param_14 = 13u;
    uint fraction = record(param_14, _351, record_at);
    if (fraction != 0u)
    {
        uint2 param_15 = mass;
        uint param_16 = fraction;
        uint2 target = wide_scaled(param_15, param_16);
        if ((mass.x * fraction) != 0u)
        {
            uint2 param_17 = target;
            uint2 param_18 = uint2(1u, 0u);
            target = wide_add(param_17, param_18);
        }
        uint param_19 = 1u;
        uint2 param_20 = target;
        uint2 param_21;
        uint _1517 = search(param_19, param_20, param_21, p, gl_LocalInvocationIndex, pair_x, pair_y, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, below_lo, below_hi, _961, keys_at);
        below = param_21;
        lowest = ~_1517;
        target = uint2(target.x - below.x, (target.y - below.y) - uint(int(target.x < below.x)));
        uint param_22 = 2u;
        uint2 param_23 = target;
        uint2 param_24;
        uint _1543 = search(param_22, param_23, param_24, p, gl_LocalInvocationIndex, pair_x, pair_y, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, below_lo, below_hi, _961, keys_at);
        below = param_24;
        last = _1543;
    }
    uint param_25 = 14u;
    least = record(param_25, _351, record_at);
    if ((fraction != 0u) || (least != 0u))
    {
        uint2 _1555 = total(p, gl_LocalInvocationIndex, pair_x, pair_y, greatest, scale, lowest, last, least, _961, keys_at);
        mass = _1555;
    }
    uint2 param_26 = mass;
    uint param_27 = uniform_word(_351, record_at);
    uint2 r = wide_scaled(param_26, param_27);
    uint2 param_28 = r;
    uint2 param_29 = uint2(1u, 0u);
    uint param_30 = 3u;
    uint2 param_31 = wide_add(param_28, param_29);
    uint2 param_32;
    uint _1569 = search(param_30, param_31, param_32, p, gl_LocalInvocationIndex, pair_x, pair_y, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, below_lo, below_hi, _961, keys_at);
    below = param_32;
    return _1569;
}

kernel void sample_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1662 [[buffer(1)]], const device Logits& _410 [[buffer(2)]], const device Records& _351 [[buffer(3)]], const device Counts& _425 [[buffer(4)]], device Keys& __restrict _961 [[buffer(5)]], const device Batch& _129 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[512];
    threadgroup uint pair_y[512];
    threadgroup uint bin_lo[1024];
    threadgroup uint bin_hi[1024];
    threadgroup uint found;
    threadgroup uint below_lo;
    threadgroup uint below_hi;
    uint seqs = batch_seqs(p, _129);
    uint record_at;
    uint logits_at;
    uint counts_at;
    uint greatest;
    float scale;
    uint lowest;
    uint last;
    uint least;
    uint keys_at;
    uint _1631;
    for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x)
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _129);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _1597 = batch_word(param_2, param_3, p, _129) == 0u;
        bool _1606;
        if (!_1597)
        {
            _1606 = slot >= p.slots;
        }
        else
        {
            _1606 = _1597;
        }
        if (_1606)
        {
            continue;
        }
        logits_at = p.logits_off + (q * p.logits_stride);
        record_at = p.records_off + (slot * p.records_stride);
        if (p.counts_off == 4294967295u)
        {
            _1631 = 4294967295u;
        }
        else
        {
            _1631 = p.counts_off + (slot * p.counts_stride);
        }
        counts_at = _1631;
        keys_at = p.keys_off + (q * p.keys_stride);
        uint _1654 = draw(p, gl_LocalInvocationIndex, pair_x, pair_y, _351, record_at, _410, logits_at, _425, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, below_lo, below_hi, _961, keys_at);
        uint id = _1654;
        if (gl_LocalInvocationIndex == 0u)
        {
            _1662.dst[p.dst_off + (q * p.dst_stride)] = int(id);
        }
    }
}

