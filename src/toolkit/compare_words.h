// SPDX-License-Identifier: Apache-2.0
/// How a comparison is put into words, in the terminal and on the page alike.
#pragma once

#include <string>

#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {

/// "all 3 outputs of 2 candidates agree with reference@cpu".
std::string verdict_sentence(const CompareReport& report);
/// "onnxrt@cpu is the fastest that agrees: p50 12.3 us, 75.8 us (86.0 %) less than the next, ...";
/// "" where there is no winner.
std::string winner_sentence(const CompareReport& report);
/// "+75.8 us, +616 %" against the winner; "fastest" for it, "" where it was not timed.
std::string slower_text(const CompareReport& report, const Candidate& row);
/// What there is to say of an output that does not agree; "" of one that does.
std::string disagreement_text(const OutputComparison& output);
/// Is there a distance between two elements? Not between strings.
bool has_errors(const OutputComparison& output);
/// "19.0 ms", "1.20 ms, cached".
std::string load_text(const Candidate& row);
/// Of errors: "0", "1.2e-07".
std::string error_text(double error);
/// "10/10"; "" where the output is no score.
std::string argmax_text(const Agreement& agreement);
std::string top5_text(const Agreement& agreement);
std::string cosine_text(const Agreement& agreement);
/// "x float32[1,3]; random, seed 0".
std::string inputs_text(const std::vector<TensorInfo>& inputs, const std::string& source);
std::string plan_text(const CompareReport& report);
std::string machine_text(const MachineFacts& machine);
/// "onnxrt 12, xnnpack 3"; "" where it is not known.
std::string placement_text(const Candidate& row);

}  // namespace xpuruntime::toolkit
