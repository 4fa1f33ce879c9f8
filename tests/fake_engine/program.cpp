// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace xpuruntime::fake {
namespace {

using engine::Failure;

struct Dtype {
  const char* name;
  int32_t number;
  uint64_t size;
};
constexpr std::array kDtypes{
    Dtype{"float32", XPURT_FLOAT, 4},     Dtype{"uint8", XPURT_UINT8, 1},
    Dtype{"int8", XPURT_INT8, 1},         Dtype{"uint16", XPURT_UINT16, 2},
    Dtype{"int16", XPURT_INT16, 2},       Dtype{"int32", XPURT_INT32, 4},
    Dtype{"int64", XPURT_INT64, 8},       Dtype{"bool", XPURT_BOOL, 1},
    Dtype{"float16", XPURT_FLOAT16, 2},   Dtype{"float64", XPURT_DOUBLE, 8},
    Dtype{"uint32", XPURT_UINT32, 4},     Dtype{"uint64", XPURT_UINT64, 8},
    Dtype{"bfloat16", XPURT_BFLOAT16, 2},
};

struct Operator {
  const char* name;
  size_t operands;
  size_t numbers;  ///< at least
  bool more;       ///< numbers may be more
};
constexpr std::array kOperators{
    Operator{"identity", 1, 0, false},   Operator{"scale", 1, 1, false},
    Operator{"add", 2, 0, false},        Operator{"sum", 1, 0, false},
    Operator{"concat", 2, 0, false},     Operator{"nonzero", 1, 0, false},
    Operator{"accumulate", 1, 0, false}, Operator{"give", 1, 0, false},
    Operator{"give_input", 1, 0, false}, Operator{"weights", 0, 1, true},
    Operator{"fill", 0, 1, true},        Operator{"scale_in_place", 1, 1, false},
};

constexpr std::array kCodes{
    "ok",
    "invalid_argument",
    "model_not_found",
    "unsupported_operation",
    "unavailable",
    "engine_not_installed",
    "invalid_state",
    "out_of_memory",
    "queue_full",
    "deadline_exceeded",
    "cancelled",
    "agreement",
    "model_mismatch",
    "protocol",
    "engine",
    "internal",
};

std::string quoted(std::string_view word) {
  std::string text = "'";
  text += word;
  return text += "'";
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < line.size() && line[at] != '#') {
    if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      ++at;
    } else if (line[at] == '"') {
      const size_t end = std::min(line.find('"', at + 1), line.size());
      words.emplace_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      const size_t end = std::min(line.find_first_of(" \t\r#", at), line.size());
      words.emplace_back(line.substr(at, end - at));
      at = end;
    }
  }
  return words;
}

/// Reads one program, a line at a time.
class Parser {
 public:
  explicit Parser(Program& program) : program_(program) {}

  void line(std::string_view text) {
    ++line_;
    words_ = split(text);
    if (words_.empty()) return;
    if (ended_) wrong("nothing may follow 'end'");
    const std::string& first = words_[0];
    if (!begun_) {
      if (first != "fake" || words_.size() != 1) wrong("a fake model begins with 'fake'");
      begun_ = true;
    } else if (words_.size() > 2 && words_[1] == "=") {
      producer();
    } else if (first == "input" || first == "output") {
      tensor(first == "input" ? program_.spec.inputs : program_.spec.outputs);
    } else {
      statement(first);
    }
  }

  void finish(const std::vector<std::string>& extra_outputs) const {
    if (!ended_) {
      throw Failure(XPURT_INVALID_ARGUMENT, "the fake model stops after line " +
                                                std::to_string(line_) +
                                                " without 'end': it is empty or truncated");
    }
    for (const std::string& name : extra_outputs) {
      const auto found = results_.find(name);
      if (found == results_.end()) {
        throw Failure(XPURT_INVALID_ARGUMENT,
                      "extra output " + quoted(name) + ": no step makes it");
      }
      engine::TensorSpec spec;
      spec.name = name;
      spec.dtype = found->second;
      spec.has_rank = false;
      program_.spec.outputs.push_back(spec);
    }
  }

 private:
  [[noreturn]] void wrong(const std::string& what,
                          xpurt_status code = XPURT_INVALID_ARGUMENT) const {
    throw Failure(code, "fake model, line " + std::to_string(line_) + ": " + what);
  }

  template <typename Number>
  Number number(std::string_view word) const {
    Number value{};
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (problem != std::errc() || end != word.data() + word.size()) {
      wrong(quoted(word) + " is not a number");
    }
    return value;
  }

  const std::string& word(size_t i) const {
    if (i >= words_.size()) wrong("a word is missing after " + quoted(words_.back()));
    return words_[i];
  }

  void tensor(std::vector<engine::TensorSpec>& into) {
    engine::TensorSpec spec;
    spec.name = word(1);
    const auto* dtype = std::find_if(kDtypes.begin(), kDtypes.end(),
                                     [&](const Dtype& known) { return word(2) == known.name; });
    if (dtype == kDtypes.end())
      wrong("unknown type " + quoted(word(2)), XPURT_UNSUPPORTED_OPERATION);
    spec.dtype = dtype->number;
    for (size_t i = 3; i < words_.size(); ++i) {
      if (words_[i] == "?") {
        spec.has_rank = false;
        break;
      }
      dimension(words_[i], spec);
    }
    if (&into == &program_.spec.inputs && !results_.emplace(spec.name, spec.dtype).second) {
      wrong(quoted(spec.name) + " is there already");
    }
    into.push_back(spec);
  }

  void dimension(const std::string& text, engine::TensorSpec& spec) const {
    const bool named = text[0] != '-' && (text[0] < '0' || text[0] > '9');
    const size_t bound = text.find("<=");
    spec.dim_names.push_back(named ? text.substr(0, bound) : "");
    spec.max_shape.push_back(bound == std::string::npos
                                 ? -1
                                 : number<int64_t>(std::string_view(text).substr(bound + 2)));
    spec.shape.push_back(named ? -1 : number<int64_t>(text));
  }

  void producer() {
    Step step;
    step.result = word(0);
    step.op = word(2);
    const auto* op = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const Operator& known) { return step.op == known.name; });
    if (op == kOperators.end())
      wrong("unknown operator " + quoted(step.op), XPURT_UNSUPPORTED_OPERATION);
    int32_t dtype = step.op == "fill" || step.op == "weights" ? XPURT_FLOAT : XPURT_UNDEFINED;
    for (size_t i = 0; i < op->operands; ++i) {
      const std::string& name = word(3 + i);
      const auto found = results_.find(name);
      if (found == results_.end()) wrong(quoted(name) + " is neither an input nor made before");
      if (i > 0 && found->second != dtype) wrong(quoted(name) + " is of another type");
      dtype = found->second;
      step.operands.push_back(name);
    }
    for (size_t i = 3 + op->operands; i < words_.size(); ++i) {
      step.numbers.push_back(number<double>(words_[i]));
    }
    if (step.numbers.size() < op->numbers || (!op->more && step.numbers.size() > op->numbers)) {
      wrong(quoted(step.op) + " does not take that many numbers");
    }
    check(step, dtype);
    if (!results_.emplace(step.result, step.op == "nonzero" ? XPURT_INT64 : dtype).second) {
      wrong(quoted(step.result) + " is there already");
    }
    program_.steps.push_back(std::move(step));
  }

  void check(Step& step, int32_t dtype) {
    constexpr std::array kCopies{"identity", "give", "give_input", "concat"};
    const bool copies = std::find(kCopies.begin(), kCopies.end(), step.op) != kCopies.end();
    if (!copies && dtype != XPURT_FLOAT && dtype != XPURT_DOUBLE) {
      wrong(quoted(step.op) + " is for float32 and float64", XPURT_UNSUPPORTED_OPERATION);
    }
    const auto is_input = [&](const std::string& name) {
      return std::any_of(program_.spec.inputs.begin(), program_.spec.inputs.end(),
                         [&](const engine::TensorSpec& input) { return input.name == name; });
    };
    if (step.op == "give_input" && !is_input(step.operands[0])) wrong("that is no input");
    if (step.op == "accumulate") program_.spec.flags |= XPURT_MODEL_STATEFUL;
    if (step.op == "weights") {
      for (const double value : step.numbers) step.weights.push_back(static_cast<float>(value));
    }
  }

  void statement(const std::string& first) {
    engine::ModelSpec& spec = program_.spec;
    if (first == "end") {
      ended_ = true;
    } else if (first == "meta") {
      spec.metadata.emplace_back(word(1), word(2));
    } else if (first == "producer") {
      spec.producer = word(1);
    } else if (first == "opset") {
      spec.opset = number<int64_t>(word(1));
    } else if (first == "parallelism") {
      spec.parallelism = number<uint32_t>(word(1));
    } else if (first == "load_steps") {
      program_.load_steps = number<uint64_t>(word(1));
    } else if (first == "fail_load") {
      program_.fail_load = failure();
    } else if (first == "fail_context") {
      program_.fail_context = failure();
    } else if (first == "block" || first == "leak" || first == "meet" || first == "fail" ||
               first == "bad_alloc" || first == "throw_int") {
      Step step;
      step.op = first;
      if (first == "fail") step.failure = failure();
      if (first == "meet" || first == "leak") step.numbers.push_back(number<double>(word(1)));
      program_.steps.push_back(std::move(step));
    } else {
      wrong("unknown statement " + quoted(first));
    }
  }

  Failure failure() const {
    const auto code = std::find(kCodes.begin(), kCodes.end(), word(1));
    if (code == kCodes.end() || code == kCodes.begin()) wrong("unknown code " + quoted(word(1)));
    Failure failure(static_cast<xpurt_status>(code - kCodes.begin()), words_.back());
    for (size_t i = 2; i + 1 < words_.size(); ++i) {
      const std::string_view text = words_[i];
      if (text == "retryable")
        failure.flags |= XPURT_RETRYABLE;
      else if (text == "context_lost")
        failure.flags |= XPURT_CONTEXT_LOST;
      else if (text == "model_lost")
        failure.flags |= XPURT_MODEL_LOST;
      else if (text.starts_with("native="))
        failure.native_code = number<int64_t>(text.substr(7));
      else if (text.starts_with("asked="))
        failure.asked = number<uint64_t>(text.substr(6));
      else if (text.starts_with("available="))
        failure.available = number<uint64_t>(text.substr(10));
      else
        wrong(quoted(text) + " says nothing about a failure");
    }
    return failure;
  }

  Program& program_;
  std::vector<std::string> words_;
  std::map<std::string, int32_t> results_;  ///< inputs too
  int line_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

constexpr std::string_view kCompiled = "compiled fake ";

std::string checksum(std::string_view text) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 1099511628211u;
  return std::to_string(hash);
}

const Dtype* find(int32_t dtype) {
  const auto* found = std::find_if(kDtypes.begin(), kDtypes.end(),
                                   [&](const Dtype& known) { return known.number == dtype; });
  return found == kDtypes.end() ? nullptr : found;
}

}  // namespace

Program parse(std::string_view text, const std::vector<std::string>& extra_outputs) {
  Program program;
  program.text = text;
  Parser parser(program);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    parser.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  parser.finish(extra_outputs);
  return program;
}

const char* dtype_name(int32_t dtype) {
  const Dtype* found = find(dtype);
  return found != nullptr ? found->name : "an unknown type";
}

uint64_t dtype_size(int32_t dtype) {
  const Dtype* found = find(dtype);
  return found != nullptr ? found->size : 0;
}

uint64_t byte_size(int32_t dtype, const std::vector<int64_t>& shape) {
  uint64_t size = dtype_size(dtype);
  for (const int64_t dim : shape) {
    if (dim < 0 || __builtin_mul_overflow(size, static_cast<uint64_t>(dim), &size)) {
      throw Failure(XPURT_INVALID_ARGUMENT, "a tensor of that shape has no size");
    }
  }
  return size;
}

std::string compile(const Program& program) {
  return std::string(kCompiled) + checksum(program.text) + "\n" + program.text;
}

std::string decompile(std::string_view blob) {
  const size_t end = blob.find('\n');
  if (!blob.starts_with(kCompiled) || end == std::string_view::npos) {
    throw Failure(XPURT_INVALID_ARGUMENT, "this is not a compiled fake model");
  }
  const std::string_view text = blob.substr(end + 1);
  if (blob.substr(kCompiled.size(), end - kCompiled.size()) != checksum(text)) {
    throw Failure(XPURT_MODEL_MISMATCH, "the compiled fake model is not as it was written");
  }
  return std::string(text);
}

}  // namespace xpuruntime::fake
