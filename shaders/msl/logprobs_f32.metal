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

template<typename T, uint N>
inline void spvArrayCopyFromConstantToStack(thread T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToThreadGroup(threadgroup T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToStack(thread T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToThreadGroup(threadgroup T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToStack(thread T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToThreadGroup(threadgroup T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToDevice(device T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToDevice(device T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToDevice(device T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToDevice(device T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToStack(thread T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToThreadGroup(threadgroup T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
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
    uint places;
    uint tokens_off;
    uint tokens_stride;
    uint logits_off;
    uint logits_stride;
    uint records_off;
    uint records_stride;
    uint slots;
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

#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 256u
#endif
constant uint WIDTH = SPIRV_CROSS_CONSTANT_ID_1;
constant uint _290_tmp [[function_constant(0)]];
constant uint _290 = is_function_constant_defined(_290_tmp) ? _290_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_290, 1u, 1u);
constant uint _293 = gl_WorkGroupSize.x;
constant uint _294 = (_293 / 2u);

struct Logits
{
    uint logits[1];
};

struct Dst
{
    uint dst[1];
};

struct Records
{
    uint records[1];
};

struct Tokens
{
    uint tokens[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _169)
{
    return min(p.batch_records, uint(max(_169.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_draws(constant Params& p, const device Batch& _169)
{
    return min(batch_seqs(p, _169), uint(max(_169.batch[p.batch_off + 2u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _169)
{
    return uint(_169.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
bool is_nan(thread const uint& bits)
{
    return (bits & 2147483647u) > 2139095040u;
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _258;
    if ((bits & 2147483648u) != 0u)
    {
        _258 = ~bits;
    }
    else
    {
        _258 = bits | 2147483648u;
    }
    return _258;
}

static inline __attribute__((always_inline))
uint score_key(thread const uint& bits)
{
    uint param = bits;
    if (is_nan(param))
    {
        return 4294967295u;
    }
    if (bits == 4286578688u)
    {
        return 0u;
    }
    if (bits == 2139095040u)
    {
        uint param_1 = 2139095039u;
        return ordered(param_1);
    }
    uint param_2 = ((bits & 2139095040u) == 0u) ? 0u : bits;
    return ordered(param_2);
}

static inline __attribute__((always_inline))
uint penalised_key(thread const uint& bits, thread const int& count)
{
    uint param = bits;
    return score_key(param);
}

static inline __attribute__((always_inline))
void read_keys(thread const uint& i, thread const uint& _step, thread const uint& end, thread uint (&k)[8], const device Logits& _412, thread uint& logits_at)
{
    int n[8];
    for (uint j = 0u; j < 8u; j++)
    {
        k[j] = _412.logits[logits_at + min((i + (j * _step)), (end - 1u))];
        n[j] = 0;
    }
    uint _470;
    for (uint j_1 = 0u; j_1 < 8u; j_1++)
    {
        if ((i + (j_1 * _step)) < end)
        {
            uint param = k[j_1];
            int param_1 = n[j_1];
            _470 = penalised_key(param, param_1);
        }
        else
        {
            _470 = 0u;
        }
        k[j_1] = _470;
    }
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _294; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _323 = k > pair_x[i];
            bool _340;
            if (!_323)
            {
                bool _331 = k == pair_x[i];
                bool _339;
                if (_331)
                {
                    _339 = a < pair_y[i];
                }
                else
                {
                    _339 = _331;
                }
                _340 = _339;
            }
            else
            {
                _340 = _323;
            }
            if (_340)
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
uint find_greatest(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread uint& own_greatest)
{
    uint me = gl_LocalInvocationIndex;
    uint at = 0u;
    own_greatest = 0u;
    uint param_3[8];
    for (uint size = gl_WorkGroupSize.x, i = me; i < p.tokens; i += (8u * size))
    {
        uint param = i;
        uint param_1 = size;
        uint param_2 = p.tokens;
        read_keys(param, param_1, param_2, param_3, _412, logits_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_3);
        for (uint j = 0u; j < 8u; j++)
        {
            if (k[j] > own_greatest)
            {
                own_greatest = k[j];
                at = i + (j * size);
            }
        }
    }
    uint param_4 = own_greatest;
    uint param_5 = at;
    uint param_6;
    uint _1419 = largest(param_4, param_5, param_6, gl_LocalInvocationIndex, pair_x, pair_y);
    greatest = param_6;
    return _1419;
}

static inline __attribute__((always_inline))
void clear_bins(thread const uint& bins, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = gl_LocalInvocationIndex; i < bins; i += gl_WorkGroupSize.x)
    {
        bin_lo[i] = 0u;
        bin_hi[i] = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
float score_of(thread const uint& key)
{
    uint _392;
    if ((key & 2147483648u) != 0u)
    {
        _392 = key & 2147483647u;
    }
    else
    {
        _392 = ~key;
    }
    return as_type<float>(_392);
}

static inline __attribute__((always_inline))
float log_ratio(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = greatest;
    uint param_1 = key;
    float d = spvFSub(score_of(param), score_of(param_1));
    float t = spvFMul(d, scale);
    return t;
}

static inline __attribute__((always_inline))
uint mul_high(thread const uint& a, thread const uint& b)
{
    ResType _241 = spvMulExtended<ResType, uint>(a, b);
    uint lo = _241._m0;
    uint hi = _241._m1;
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
    uint _555;
    if (n == 0u)
    {
        _555 = m;
    }
    else
    {
        _555 = (m + (1u << (n - 1u))) >> n;
    }
    return _555;
}

static inline __attribute__((always_inline))
uint weight(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = key;
    float param_1 = log_ratio(param, greatest, scale);
    return weight_of(param_1);
}

static inline __attribute__((always_inline))
uint2 wide_add(thread const uint2& a, thread const uint2& b)
{
    uint lo = a.x + b.x;
    return uint2(lo, (a.y + b.y) + uint(int(lo < a.x)));
}

static inline __attribute__((always_inline))
void add_to_bin(thread const uint& bin, thread const uint2& v, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint _622 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_lo[bin], v.x, memory_order_relaxed);
    uint old = _622;
    uint more = v.y + uint(int((old + v.x) < old));
    if (more != 0u)
    {
        uint _642 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_hi[bin], more, memory_order_relaxed);
    }
}

static inline __attribute__((always_inline))
uint2 mass_of_all(constant Params& p, thread uint& gl_LocalInvocationIndex, const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint me = gl_LocalInvocationIndex;
    uint2 sum = uint2(0u);
    uint param = 1u;
    clear_bins(param, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint param_4[8];
    for (uint size = gl_WorkGroupSize.x, i = me; i < p.tokens; i += (8u * size))
    {
        uint param_1 = i;
        uint param_2 = size;
        uint param_3 = p.tokens;
        read_keys(param_1, param_2, param_3, param_4, _412, logits_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_4);
        for (uint j = 0u; j < 8u; j++)
        {
            if (k[j] != 0u)
            {
                uint param_5 = k[j];
                uint2 param_6 = sum;
                uint2 param_7 = uint2(weight(param_5, greatest, scale), 0u);
                sum = wide_add(param_6, param_7);
            }
        }
    }
    uint param_8 = 0u;
    uint2 param_9 = sum;
    add_to_bin(param_8, param_9, bin_lo, bin_hi);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint2 _all = uint2(bin_lo[0], bin_hi[0]);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return _all;
}

static inline __attribute__((always_inline))
uint key_at(thread const uint& i, const device Logits& _412, thread uint& logits_at)
{
    uint param = _412.logits[logits_at + i];
    return score_key(param);
}

static inline __attribute__((always_inline))
uint padded(thread const uint& count)
{
    uint _691;
    if (count <= 1u)
    {
        _691 = 1u;
    }
    else
    {
        _691 = 2u << uint(int(spvFindUMSB(count - 1u)));
    }
    return _691;
}

static inline __attribute__((always_inline))
bool inverted(thread const uint& i, thread const uint& j, thread const bool& by_id, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint a = bin_lo[i];
    uint b = bin_lo[j];
    if (by_id || (a == b))
    {
        return bin_hi[i] > bin_hi[j];
    }
    return a < b;
}

static inline __attribute__((always_inline))
void sort(thread const uint& count, thread const bool& by_id, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint size = gl_WorkGroupSize.x;
    uint param = count;
    uint whole = padded(param);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint run = 2u; run <= whole; run *= 2u)
    {
        uint _720 = run / 2u;
        for (uint n = _720; n > 0u; n /= 2u)
        {
            for (uint t = gl_LocalInvocationIndex; t < (whole / 2u); t += size)
            {
                uint i = (2u * t) - (t & (n - 1u));
                uint j = i + n;
                uint param_1 = i;
                uint param_2 = j;
                bool param_3 = by_id;
                if (inverted(param_1, param_2, param_3, bin_lo, bin_hi) == ((i & run) == 0u))
                {
                    uint k = bin_lo[i];
                    uint id = bin_hi[i];
                    bin_lo[i] = bin_lo[j];
                    bin_hi[i] = bin_hi[j];
                    bin_lo[j] = k;
                    bin_hi[j] = id;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
uint key_reached_by(thread const uint& k, thread const uint& mine, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint me = gl_LocalInvocationIndex;
    uint groups = gl_WorkGroupSize.x;
    bin_lo[me] = mine;
    bin_hi[me] = me;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (; groups >= (4u * k); groups /= 2u)
    {
        uint n = groups / 2u;
        if (me < n)
        {
            bin_lo[me] = max(bin_lo[me], bin_lo[me + n]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint param = groups;
    bool param_1 = false;
    sort(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
    return max(bin_lo[k - 1u], 1u);
}

static inline __attribute__((always_inline))
uint band(thread const uint& key, thread uint& greatest, thread float& scale, thread float& bands)
{
    uint param = key;
    float t = log_ratio(param, greatest, scale);
    uint _649;
    if (t < 32.0)
    {
        _649 = uint(t * bands);
    }
    else
    {
        _649 = 1024u;
    }
    return _649;
}

static inline __attribute__((always_inline))
uint list(thread const uint& bound, thread const uint& only, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread float& bands, threadgroup uint& found)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    if (me == 0u)
    {
        found = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_3[8];
    for (uint i = me; i < p.tokens; i += (8u * size))
    {
        uint n = 0u;
        uint param = i;
        uint param_1 = size;
        uint param_2 = p.tokens;
        read_keys(param, param_1, param_2, param_3, _412, logits_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_3);
        for (uint j = 0u; j < 8u; j++)
        {
            bool _840 = k[j] < bound;
            bool _856;
            if (!_840)
            {
                bool _845 = only != 4294967295u;
                bool _855;
                if (_845)
                {
                    uint param_4 = k[j];
                    _855 = band(param_4, greatest, scale, bands) != only;
                }
                else
                {
                    _855 = _845;
                }
                _856 = _855;
            }
            else
            {
                _856 = _840;
            }
            if (_856)
            {
                k[j] = 0u;
            }
            if (k[j] != 0u)
            {
                n++;
            }
        }
        if (n == 0u)
        {
            continue;
        }
        uint _878 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&found, n, memory_order_relaxed);
        uint at = _878;
        for (uint j_1 = 0u; j_1 < 8u; j_1++)
        {
            if ((k[j_1] == 0u) || (at >= 1024u))
            {
                continue;
            }
            bin_lo[at] = k[j_1];
            bin_hi[at] = i + (j_1 * size);
            at++;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint count = found;
    uint i_1 = count + me;
    for (;;)
    {
        uint param_5 = count;
        uint _931 = padded(param_5);
        uint _932 = min(_931, 1024u);
        if (i_1 < _932)
        {
            bin_lo[i_1] = 0u;
            bin_hi[i_1] = 4294967295u;
            i_1 += size;
            continue;
        }
        else
        {
            break;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return count;
}

static inline __attribute__((always_inline))
bool stays(thread const uint& i, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least)
{
    bool _1014 = key < lowest;
    bool _1026;
    if (!_1014)
    {
        _1026 = (key == lowest) && (i > last);
    }
    else
    {
        _1026 = _1014;
    }
    if (_1026)
    {
        return false;
    }
    bool _1032 = least == 0u;
    bool _1041;
    if (!_1032)
    {
        uint param = key;
        _1041 = weight(param, greatest, scale) >= least;
    }
    else
    {
        _1041 = _1032;
    }
    return _1041;
}

static inline __attribute__((always_inline))
uint take_sorted(thread const uint& listed, thread const uint& most, thread uint& gl_LocalInvocationIndex, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], device Dst& __restrict _1004, thread uint& told_at, thread uint& lowest, thread uint& last, thread uint& least)
{
    uint n = 0u;
    uint end = min(listed, most);
    for (;;)
    {
        bool _1056 = n < end;
        bool _1068;
        if (_1056)
        {
            uint param = bin_hi[n];
            uint param_1 = bin_lo[n];
            _1068 = stays(param, param_1, greatest, scale, lowest, last, least);
        }
        else
        {
            _1068 = _1056;
        }
        if (_1068)
        {
            n++;
            continue;
        }
        else
        {
            break;
        }
    }
    for (uint i = gl_LocalInvocationIndex; i < n; i += gl_WorkGroupSize.x)
    {
        _1004.dst[(told_at + 6u) + (2u * i)] = bin_hi[i];
        _1004.dst[((told_at + 6u) + (2u * i)) + 1u] = bin_lo[i];
    }
    return n;
}

static inline __attribute__((always_inline))
uint take_listed(thread const uint& most, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread float& bands, threadgroup uint& found, device Dst& __restrict _1004, thread uint& told_at, thread uint& lowest, thread uint& last, thread uint& least, thread uint& own_greatest)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint _1111;
    if (p.tokens <= 1024u)
    {
        _1111 = 1u;
    }
    else
    {
        uint param = most;
        uint param_1 = own_greatest;
        uint _1120 = key_reached_by(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
        _1111 = _1120;
    }
    uint bound = _1111;
    uint param_2 = bound;
    uint param_3 = 4294967295u;
    uint _1126 = list(param_2, param_3, p, gl_LocalInvocationIndex, _412, logits_at, greatest, scale, bin_lo, bin_hi, bands, found);
    uint count = _1126;
    if (count > 1024u)
    {
        return count;
    }
    uint param_4 = count;
    bool param_5 = false;
    sort(param_4, param_5, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint param_6 = count;
    uint param_7 = most;
    uint _1141 = take_sorted(param_6, param_7, gl_LocalInvocationIndex, greatest, scale, bin_lo, bin_hi, _1004, told_at, lowest, last, least);
    return _1141;
}

static inline __attribute__((always_inline))
void put(thread const uint& word, thread const uint& value, thread uint& gl_LocalInvocationIndex, device Dst& __restrict _1004, thread uint& told_at)
{
    if (gl_LocalInvocationIndex == 0u)
    {
        _1004.dst[told_at + word] = value;
    }
}

static inline __attribute__((always_inline))
uint take_singly(thread const uint& most, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread float& scale, device Dst& __restrict _1004, thread uint& told_at, thread uint& lowest, thread uint& last, thread uint& least)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint key = greatest;
    uint id = 0u;
    uint from = 0u;
    uint n = 0u;
    uint param_3[8];
    uint param_6;
    for (; n < most; n++)
    {
        uint best = 0u;
        uint at = 0u;
        for (uint i = me; i < p.tokens; i += (8u * size))
        {
            uint param = i;
            uint param_1 = size;
            uint param_2 = p.tokens;
            read_keys(param, param_1, param_2, param_3, _412, logits_at);
            uint k[8];
            spvArrayCopyFromStackToStack(k, param_3);
            for (uint j = 0u; j < 8u; j++)
            {
                uint t = i + (j * size);
                bool _1203 = k[j] < key;
                bool _1216;
                if (!_1203)
                {
                    _1216 = (k[j] == key) && (t >= from);
                }
                else
                {
                    _1216 = _1203;
                }
                bool _1224;
                if (_1216)
                {
                    _1224 = k[j] > best;
                }
                else
                {
                    _1224 = _1216;
                }
                if (_1224)
                {
                    best = k[j];
                    at = t;
                }
            }
        }
        uint param_4 = best;
        uint param_5 = at;
        uint _1242 = largest(param_4, param_5, param_6, gl_LocalInvocationIndex, pair_x, pair_y);
        key = param_6;
        id = _1242;
        bool _1245 = key == 0u;
        bool _1255;
        if (!_1245)
        {
            uint param_7 = id;
            uint param_8 = key;
            _1255 = !stays(param_7, param_8, greatest, scale, lowest, last, least);
        }
        else
        {
            _1255 = _1245;
        }
        if (_1255)
        {
            break;
        }
        uint param_9 = 6u + (2u * n);
        uint param_10 = id;
        put(param_9, param_10, gl_LocalInvocationIndex, _1004, told_at);
        uint param_11 = (6u + (2u * n)) + 1u;
        uint param_12 = key;
        put(param_11, param_12, gl_LocalInvocationIndex, _1004, told_at);
        from = id + 1u;
    }
    return n;
}

static inline __attribute__((always_inline))
uint take_likeliest(thread const uint& most, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread float& bands, threadgroup uint& found, device Dst& __restrict _1004, thread uint& told_at, thread uint& lowest, thread uint& last, thread uint& least, thread uint& own_greatest)
{
    if (most == 0u)
    {
        return 0u;
    }
    uint param = most;
    uint _1289 = take_listed(param, p, gl_LocalInvocationIndex, _412, logits_at, greatest, scale, bin_lo, bin_hi, bands, found, _1004, told_at, lowest, last, least, own_greatest);
    uint n = _1289;
    uint _1293;
    if (n > most)
    {
        uint param_1 = most;
        uint _1298 = take_singly(param_1, p, gl_LocalInvocationIndex, pair_x, pair_y, _412, logits_at, greatest, scale, _1004, told_at, lowest, last, least);
        _1293 = _1298;
    }
    else
    {
        _1293 = n;
    }
    return _1293;
}

static inline __attribute__((always_inline))
void tell(thread const uint& count, thread const uint2& total, thread const uint& token, thread const uint& key, thread const uint& n, thread const uint& scaled, thread uint& gl_LocalInvocationIndex, thread uint& greatest, device Dst& __restrict _1004, thread uint& told_at)
{
    uint _1309 = (6u + (2u * n)) + gl_LocalInvocationIndex;
    for (uint i = _1309; i < 48u; i += gl_WorkGroupSize.x)
    {
        _1004.dst[told_at + i] = (i == 46u) ? scaled : 0u;
    }
    uint param = 0u;
    uint param_1 = count;
    put(param, param_1, gl_LocalInvocationIndex, _1004, told_at);
    uint param_2 = 1u;
    uint param_3 = total.x;
    put(param_2, param_3, gl_LocalInvocationIndex, _1004, told_at);
    uint param_4 = 2u;
    uint param_5 = total.y;
    put(param_4, param_5, gl_LocalInvocationIndex, _1004, told_at);
    uint param_6 = 3u;
    uint param_7 = greatest;
    put(param_6, param_7, gl_LocalInvocationIndex, _1004, told_at);
    uint param_8 = 4u;
    uint param_9 = token;
    put(param_8, param_9, gl_LocalInvocationIndex, _1004, told_at);
    uint param_10 = 5u;
    uint param_11 = key;
    put(param_10, param_11, gl_LocalInvocationIndex, _1004, told_at);
}

static inline __attribute__((always_inline))
void tell_of(thread const uint& token, thread const uint& top, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], const device Logits& _412, thread uint& logits_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread float& bands, threadgroup uint& found, device Dst& __restrict _1004, thread uint& told_at, thread uint& lowest, thread uint& last, thread uint& least, thread uint& own_greatest)
{
    uint n = 0u;
    uint count = 4294967295u;
    uint key = 0u;
    uint2 total = uint2(0u);
    uint _1500 = find_greatest(p, gl_LocalInvocationIndex, pair_x, pair_y, _412, logits_at, greatest, own_greatest);
    if (greatest == 4294967295u)
    {
        greatest = 0u;
    }
    if (greatest != 0u)
    {
        uint2 _1509 = mass_of_all(p, gl_LocalInvocationIndex, _412, logits_at, greatest, scale, bin_lo, bin_hi);
        total = _1509;
        if (token < p.tokens)
        {
            uint param = token;
            key = key_at(param, _412, logits_at);
        }
        uint param_1 = min(top, 20u);
        uint _1523 = take_likeliest(param_1, p, gl_LocalInvocationIndex, pair_x, pair_y, _412, logits_at, greatest, scale, bin_lo, bin_hi, bands, found, _1004, told_at, lowest, last, least, own_greatest);
        n = _1523;
        count = n;
    }
    uint param_2 = count;
    uint2 param_3 = total;
    uint param_4 = token;
    uint param_5 = key;
    uint param_6 = n;
    uint param_7 = 0u;
    tell(param_2, param_3, param_4, param_5, param_6, param_7, gl_LocalInvocationIndex, greatest, _1004, told_at);
}

kernel void logprobs_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1004 [[buffer(1)]], const device Tokens& _1632 [[buffer(2)]], const device Logits& _412 [[buffer(3)]], const device Records& _1592 [[buffer(4)]], const device Batch& _169 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[WIDTH];
    threadgroup uint pair_y[WIDTH];
    threadgroup uint bin_lo[1024];
    threadgroup uint bin_hi[1024];
    threadgroup uint found;
    threadgroup uint below_lo;
    threadgroup uint below_hi;
    float scale = 1.44269502162933349609375;
    uint lowest = 1u;
    uint last = p.tokens;
    uint least = 0u;
    uint seqs = batch_draws(p, _169);
    uint logits_at;
    uint greatest;
    float bands;
    uint told_at;
    uint own_greatest;
    uint origin;
    for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x)
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _169);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _1565 = int(batch_word(param_2, param_3, p, _169)) <= 0;
        bool _1574;
        if (!_1565)
        {
            _1574 = slot >= p.slots;
        }
        else
        {
            _1574 = _1565;
        }
        if (_1574)
        {
            continue;
        }
        uint record = p.records_off + (slot * p.records_stride);
        uint asked = _1592.records[record + 34u];
        if (asked == 0u)
        {
            continue;
        }
        logits_at = p.logits_off + (q * p.logits_stride);
        told_at = (p.dst_off + (slot * p.dst_stride)) + ((_1592.records[record + 8u] % p.places) * 48u);
        uint param_4 = _1632.tokens[p.tokens_off + (q * p.tokens_stride)];
        uint param_5 = asked - 1u;
        tell_of(param_4, param_5, p, gl_LocalInvocationIndex, pair_x, pair_y, _412, logits_at, greatest, scale, bin_lo, bin_hi, bands, found, _1004, told_at, lowest, last, least, own_greatest);
    }
}

