// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <charconv>
#include <initializer_list>
#include <string_view>

#include "library.h"

namespace xpuruntime::onnxrt {
namespace {

bool says_any(const Problem& problem, std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (problem.text.find(phrase) != std::string::npos) return true;
  }
  return false;
}

bool is_out_of_memory(const Problem& problem) {
  return says_any(problem, {"bad_alloc", "Failed to allocate memory", "out of memory"});
}

/// The bytes that ONNX Runtime's arena was asked for, where its message tells.
uint64_t bytes_asked(const std::string& text) {
  constexpr std::string_view kBefore = "requested buffer of size ";
  const size_t at = text.find(kBefore);
  uint64_t bytes = 0;
  if (at != text.npos) {
    std::from_chars(text.data() + at + kBefore.size(), text.data() + text.size(), bytes);
  }
  return bytes;
}

engine::Failure make_failure(xpurt_status status, const Problem& problem, const std::string& text) {
  engine::Failure failure(status, text, problem.code);
  if (status == XPURT_OUT_OF_MEMORY) failure.asked = bytes_asked(problem.text);
  return failure;
}

xpurt_status status_of(const Problem& problem) {
  if (is_out_of_memory(problem)) return XPURT_OUT_OF_MEMORY;
  switch (problem.code) {
    case ORT_NO_SUCHFILE:
      return XPURT_MODEL_NOT_FOUND;
    case ORT_INVALID_ARGUMENT:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
      return XPURT_INVALID_ARGUMENT;
    case ORT_NOT_IMPLEMENTED:
      return XPURT_UNSUPPORTED_OPERATION;
    default:
      return XPURT_ENGINE;
  }
}

/// The end of a C++ function's signature that begins at `at`: ") const [with T = float]".
size_t end_of_signature(const std::string& text, size_t at) {
  size_t end = text.find('(', at);
  if (end == text.npos) return at;
  int depth = 0;
  for (; end < text.size(); ++end) {
    if (text[end] == '(') ++depth;
    if (text[end] == ')' && --depth == 0) break;
  }
  const auto skip = [&](std::string_view word, char last) {
    if (text.compare(end + 1, word.size(), word) == 0) end = text.find(last, end + word.size());
  };
  skip("::<lambda", '>');
  skip(" const", 't');
  skip(" [with ", ']');
  return end < text.size() ? end + 1 : at;
}

/// Without the places in ONNX Runtime's own sources: "/onnxruntime_src/a.cc:25 void f(int) ".
std::string without_places(std::string text) {
  constexpr std::string_view kSources = "/onnxruntime_src/";
  for (size_t begin = text.find(kSources); begin != text.npos; begin = text.find(kSources, begin)) {
    const size_t blank = text.find(' ', begin);
    if (blank == text.npos) break;
    const size_t end = end_of_signature(text, blank);
    text.erase(begin, end - begin);
    if (begin < text.size() && text[begin] == ' ') text.erase(begin, 1);
  }
  return text;
}

}  // namespace

Problem take(OrtStatus* status) {
  Problem problem{ort().GetErrorCode(status), without_places(ort().GetErrorMessage(status))};
  ort().ReleaseStatus(status);
  while (!problem.text.empty() && problem.text.back() == '\n') problem.text.pop_back();
  return problem;
}

engine::Failure failure_of(const Problem& problem) {
  return make_failure(status_of(problem), problem, "ONNX Runtime: " + problem.text);
}

engine::Failure load_failure_of(const Problem& problem, const std::string& where) {
  xpurt_status status = status_of(problem);
  // Plain "fail" is what it says of cyclic graphs, dimensions that overflow and missing operators.
  if (problem.code == ORT_FAIL && status == XPURT_ENGINE) status = XPURT_INVALID_ARGUMENT;
  if (says_any(problem, {"is not a registered function/op", "Could not find an implementation",
                         "Unsupported model IR version", "till opset"})) {
    status = XPURT_UNSUPPORTED_OPERATION;
  }
  return make_failure(status, problem, where + ": ONNX Runtime: " + problem.text);
}

}  // namespace xpuruntime::onnxrt
