// SPDX-License-Identifier: Apache-2.0
#include "toolkit/bisect.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "onnx/cut.h"
#include "onnx/model.h"
#include "toolkit/compare_outputs.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

using Names = std::set<std::string, std::less<>>;

/// A value inside the candidate's graph, and the node that makes it.
struct InnerValue {
  std::string name;
  const onnx::Node* node;
};

bool may_be_tensor(const onnx::Graph& graph, const onnx::Node& node, const std::string& name) {
  constexpr std::array<std::string_view, 8> kMakeOthers{
      "Optional",       "SequenceConstruct", "SequenceEmpty",   "SequenceErase",
      "SequenceInsert", "SequenceMap",       "SplitToSequence", "ZipMap"};
  if (std::ranges::find(kMakeOthers, node.op_type) != kMakeOthers.end()) return false;
  const auto known = std::ranges::find(graph.values, name, &onnx::ValueInfo::name);
  return known == graph.values.end() || known->kind == onnx::ValueKind::kTensor ||
         known->kind == onnx::ValueKind::kUnknown;
}

/// In the order in which they are made.
std::vector<InnerValue> values_of(const onnx::Graph& graph) {
  std::vector<InnerValue> values;
  for (const auto& node : graph.nodes) {
    for (const auto& name : node.outputs) {
      if (!name.empty() && may_be_tensor(graph, node, name)) values.push_back({name, &node});
    }
  }
  return values;
}

std::vector<InnerValue> common_values(const onnx::Graph& reference, const onnx::Graph& candidate) {
  Names known;
  for (const auto& value : values_of(reference)) known.insert(value.name);
  auto values = values_of(candidate);
  std::erase_if(values, [&](const InnerValue& value) { return !known.contains(value.name); });
  return values;
}

/// Those of `values` that `output` is made of, itself too. What inner graphs read of the graph
/// around them does not count: a cut there is larger than it need be, and as right.
std::vector<InnerValue> ancestors(std::span<const InnerValue> values, const onnx::Graph& graph,
                                  const std::string& output) {
  Names needed{output};
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const auto& node = graph.nodes[i];
    if (std::ranges::any_of(node.outputs, [&](const auto& n) { return needed.contains(n); })) {
      needed.insert(node.inputs.begin(), node.inputs.end());
    }
  }
  std::vector<InnerValue> found;
  std::ranges::copy_if(values, std::back_inserter(found),
                       [&](const InnerValue& value) { return needed.contains(value.name); });
  return found;
}

SessionConfig config_of(const BisectSide& side) {
  SessionConfig config;
  config.engine = side.engine;
  config.device = side.device;
  config.cache_dir.clear();  // parts of a model that are run once
  config.threads = side.threads;
  config.contexts = 1;
  return config;
}

NamedTensors run_cut(const BisectSide& side, std::span<const onnx::CutOutput> outputs) {
  const std::string bytes = onnx::cut_model(side.model, outputs);
  SessionConfig config = config_of(side);
  config.base_folder = side.model.has_parent_path() ? side.model.parent_path().string() : ".";
  const InferenceSession session(std::as_bytes(std::span(bytes)), config);
  NamedTensors inputs;
  for (const auto& info : session.input_info()) inputs.set(info.name, side.inputs.at(info.name));
  return session.run(inputs);
}

/// Runs the whole model with these values shown: by the engine where it can do that, else by a
/// model that has them as outputs.
NamedTensors run_showing(const BisectSide& side, std::span<const onnx::CutOutput> shown) {
  SessionConfig config = config_of(side);
  for (const auto& value : shown) config.extra_outputs.push_back(value.name);
  try {
    const InferenceSession session(side.model, config);
    return session.run(side.inputs);
  } catch (const UnsupportedOperationError&) {
    return run_cut(side, shown);
  }
}

std::string node_text(const onnx::Node& node) {
  return node.op_type + (node.name.empty() ? "" : " '" + node.name + "'");
}

std::string difference_text(const OutputComparison& comparison) {
  if (!comparison.agreement) return comparison.actual_type + " instead of " + comparison.type;
  return "at " + to_string(*comparison.agreement->first_difference) + "; " +
         std::to_string(comparison.agreement->disagreeing) + " of " +
         std::to_string(comparison.agreement->elements) + " elements differ";
}

class Bisector {
 public:
  Bisector(const BisectSide& reference, const BisectSide& candidate,
           const std::vector<OutputComparison>& outputs, const BisectOptions& options)
      : reference_(reference), candidate_(candidate), outputs_(outputs), options_(options) {
    result_.candidate = candidate.candidate;
  }

  Bisection find() {
    try {
      search();
    } catch (const onnx::ParseError& error) {
      result_.text = std::string("only ONNX models can be taken apart: ") + error.what();
    } catch (const XpuRuntimeError& error) {
      result_.text = std::string(error.name()) + ": " + error.what();
    }
    return std::move(result_);
  }

 private:
  void search() {
    const auto reference_model = onnx::read_model(reference_.model, {.weights = false});
    model_ = onnx::read_model(candidate_.model, {.weights = false});
    const auto values = common_values(reference_model.graph, model_.graph);
    step(0);
    expected_ = run_showing(reference_, with_outputs(reference_model.graph, values));
    step(0.2);
    const NamedTensors shown = run_showing(candidate_, with_outputs(model_.graph, values));
    step(0.4);
    result_.values = values.size();
    const OutputComparison* followed = follow(shown);
    if (followed == nullptr) {
      result_.text = "no output that differs is one of both models";
      return;
    }
    result_.output = followed->name;
    if (result_.survives_showing) {
      find_first(values, shown);
    } else {
      find_smallest_cut(values, *followed);
    }
  }

  void step(double fraction) const {
    if (options_.progress) options_.progress(fraction);
    if (options_.should_stop && options_.should_stop()) throw CancelledError("interrupted");
  }

  /// The graph's outputs and these values, with types as far as they are known by now.
  std::vector<onnx::CutOutput> with_outputs(const onnx::Graph& graph,
                                            std::span<const InnerValue> values) const {
    std::vector<onnx::CutOutput> outputs;
    for (const auto& output : graph.outputs) outputs.push_back({output.name, output.dtype});
    for (const auto& value : values) {
      const auto is_it = [&](const auto& output) { return output.name == value.name; };
      if (std::ranges::none_of(outputs, is_it)) outputs.push_back(cut_at(value.name));
    }
    return outputs;
  }

  onnx::CutOutput cut_at(const std::string& name) const {
    const Tensor* tensor = expected_.find(name);
    if (tensor == nullptr) return {name};
    return {name, static_cast<onnx::DType>(tensor->dtype())};  // both have TensorProto's numbers
  }

  /// Picks the output to follow: the first that still differs when all is shown, else the first
  /// that did before.
  const OutputComparison* follow(const NamedTensors& shown) {
    const OutputComparison* first = nullptr;
    for (const auto& output : outputs_) {
      if (output.verdict == Verdict::kAgrees || output.verdict == Verdict::kMissing) continue;
      if (first == nullptr) first = &output;
      if (compare(output.name, output.actual_name, shown).verdict == Verdict::kAgrees) continue;
      result_.survives_showing = true;
      return &output;
    }
    return first;
  }

  OutputComparison compare(const std::string& name, const std::string& actual_name,
                           const NamedTensors& actual) const {
    return compare_output(name, expected_.at(name), actual_name, actual.at(actual_name),
                          options_.tolerance);
  }

  void find_first(std::span<const InnerValue> values, const NamedTensors& shown) {
    for (const auto& value : values) {
      auto comparison = compare(value.name, value.name, shown);
      if (comparison.verdict == Verdict::kAgrees) {
        result_.last_agreeing = value.name;
        continue;
      }
      take(value, std::move(comparison));
      result_.text = node_text(*value.node) + " is the first node whose output differs: '" +
                     value.name + "' " + difference_text(result_.comparison);
      return;
    }
    result_.text = "none of the " + std::to_string(values.size()) +
                   " inner values that both models have by name differs";
  }

  /// Cuts are held to be all right up to some value and wrong from there on.
  void find_smallest_cut(std::span<const InnerValue> values, const OutputComparison& followed) {
    const auto ends = ancestors(values, model_.graph, followed.actual_name);
    if (ends.empty()) {
      result_.text = "the outputs agree when inner values are shown, and output '" + followed.name +
                     "' is made of none that both models have by name";
      return;
    }
    size_t wrong = ends.size() - 1;
    OutputComparison comparison = probe(ends[wrong]);
    if (comparison.verdict == Verdict::kAgrees) {
      result_.text = "the outputs agree when inner values are shown, and also when '" +
                     ends[wrong].name + "' is the only output: it takes the whole model to differ";
      return;
    }
    size_t right = 0;  // so many, from the first on, are known to agree
    while (right < wrong) {
      const size_t middle = right + (wrong - right) / 2;
      auto found = probe(ends[middle]);
      if (found.verdict == Verdict::kAgrees) {
        right = middle + 1;
        result_.last_agreeing = ends[middle].name;
      } else {
        wrong = middle;
        comparison = std::move(found);
      }
    }
    take(ends[wrong], std::move(comparison));
    result_.text =
        "the outputs agree when inner values are shown, so the engine does something else with "
        "several nodes at once; the smallest part of the model, from the inputs on, that differs "
        "ends with " +
        node_text(*ends[wrong].node) + ": '" + ends[wrong].name + "' " +
        difference_text(result_.comparison) +
        (result_.last_agreeing.empty()
             ? ""
             : "; that ending with '" + result_.last_agreeing + "' agrees");
  }

  OutputComparison probe(const InnerValue& value) {
    step(0.4 + 0.6 * static_cast<double>(probes_) / static_cast<double>(probes_ + 4));
    ++probes_;
    const onnx::CutOutput end = cut_at(value.name);
    return compare(value.name, value.name, run_cut(candidate_, {&end, 1}));
  }

  void take(const InnerValue& value, OutputComparison comparison) {
    result_.found = true;
    result_.value = value.name;
    result_.node = value.node->name;
    result_.op_type = value.node->op_type;
    result_.comparison = std::move(comparison);
  }

  const BisectSide& reference_;
  const BisectSide& candidate_;
  const std::vector<OutputComparison>& outputs_;
  const BisectOptions& options_;
  onnx::Model model_;      ///< the candidate's
  NamedTensors expected_;  ///< all values that the reference shows
  int probes_ = 0;
  Bisection result_;
};

}  // namespace

Bisection bisect(const BisectSide& reference, const BisectSide& candidate,
                 const std::vector<OutputComparison>& outputs, const BisectOptions& options) {
  return Bisector(reference, candidate, outputs, options).find();
}

}  // namespace xpuruntime::toolkit
