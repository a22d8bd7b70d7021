// Whether patterns will run at the speed they should.
#pragma once

namespace spoa::seclang {

/// Tries PCRE2's JIT compiler in this process. Where it cannot work (under systemd's
/// MemoryDenyWriteExecute=, say) libmodsecurity interprets every pattern instead, without
/// a word: the same verdicts, several times slower. Any thread.
bool regex_jit_works();

}  // namespace spoa::seclang
