// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/convert.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>

#include "toolkit/atomic_file.h"
#include "toolkit/compare_outputs.h"
#include "toolkit/convert_notes.h"
#include "toolkit/converter.h"
#include "toolkit/given_inputs.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"
#include "xpuruntime/toolkit/preprocessing.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Format {
  std::string_view name;
  std::string_view engine;                    ///< that runs it
  std::array<std::string_view, 2> endings{};  ///< the usual one first
};

constexpr Format kFormats[] = {
    {"onnx", "onnxrt", {".onnx"}},      {"torchscript", "torch", {".pt", ".ts"}},
    {"pt2", "torch", {".pt2"}},         {"executorch", "executorch", {".pte"}},
    {"openvino", "openvino", {".xml"}},
};

const Format& format_named(const std::string& name) {
  std::string known;
  for (const Format& each : kFormats) {
    if (each.name == name) return each;
    known += (known.empty() ? "" : ", ") + std::string(each.name);
  }
  throw InvalidArgumentError("there is no format '" + name + "' to convert to; there are " + known);
}

/// A source that is no file names what makes the model.
bool is_file(const fs::path& source) {
  std::error_code error;
  return fs::is_regular_file(source, error);
}

void check_source(const fs::path& source) {
  const std::string name = source.filename().string();
  if (!is_file(source) && name.find(':') == name.npos) {
    throw ModelNotFoundError("there is no model file " + source.string());
  }
}

fs::path output_of(const fs::path& source, const Format& format, const fs::path& asked) {
  if (!asked.empty()) return asked;
  const std::string name = source.filename().string();
  const bool is_function = !is_file(source);
  const fs::path stem = is_function ? name.substr(name.rfind(':') + 1) : source.stem().string();
  const fs::path folder = is_function ? fs::path() : source.parent_path();
  return folder / (stem.string() + std::string(format.endings[0]));
}

void check_output(const fs::path& output, const fs::path& source, const Format& format,
                  bool overwrite) {
  const std::string ending = output.extension().string();
  if (ending.empty() || std::ranges::find(format.endings, ending) == format.endings.end()) {
    throw InvalidArgumentError("output " + output.string() + ": expected a name that ends in " +
                               std::string(format.endings[0]) +
                               ", by which engines know the format");
  }
  std::error_code error;
  if (fs::equivalent(output, source, error)) {
    throw InvalidArgumentError("output " + output.string() + " is the source; name another");
  }
  const fs::path folder = output.has_parent_path() ? output.parent_path() : ".";
  if (!fs::is_directory(folder, error)) {
    throw InvalidArgumentError("output " + output.string() + ": there is no folder " +
                               folder.string());
  }
  if (fs::is_directory(output, error)) {
    throw InvalidArgumentError("output " + output.string() + " is a folder");
  }
  fs::path weights = output;  // of OpenVINO's, which has two files
  weights.replace_extension(".bin");
  for (const fs::path& each : {output, ending == ".xml" ? weights : output}) {
    if (overwrite || !fs::exists(each, error)) continue;
    throw InvalidArgumentError("output " + each.string() +
                               " exists; overwrite it on purpose (--force), or name another");
  }
}

/// Beside the output, so that what is whole can be renamed there; gone with this.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& output) {
    const std::string name = "." + output.filename().string() + ".XXXXXX";
    std::string path = (fs::absolute(output).parent_path() / name).string();
    if (mkdtemp(path.data()) == nullptr) {
      throw InvalidArgumentError("output " + output.string() +
                                 ": cannot be written: " + std::strerror(errno));
    }
    path_ = path;
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

NamedTensors given_inputs(const ConvertOptions& options) {
  if (options.input_path.empty()) return options.inputs;
  if (!options.inputs.empty()) {
    throw InvalidArgumentError("inputs are given and read from a file; expected one of the two");
  }
  return read_inputs(options.input_path);
}

/// Runs the result in a process of its own: what was made this moment is not to be trusted.
class Check {
 public:
  Check(const Format& format, const ConvertOptions& options, ConvertReport& report)
      : engine_(format.engine), options_(options), report_(report) {}

  /// Before minutes go into an export. Throws as the engine does.
  void engine_is_there() const {
    if (options_.keep) return;
    try {
      EngineRegistry::instance().create_engine("worker:" + engine_);
    } catch (const XpuRuntimeError& error) {
      throw_error(error.code(), unrunnable(error.what()), error.detail());
    }
  }

  void run(const fs::path& model, const std::vector<ConvertSample>& samples) {
    try {
      run_all(model, samples);
    } catch (const XpuRuntimeError& error) {
      if (!options_.keep) {
        throw_error(error.code(), unrunnable(error.what()) + warnings(), error.detail());
      }
      report_.failure = std::string(error.name()) + ": " + error.what();
    }
  }

 private:
  std::string unrunnable(const std::string& why) const {
    return "the result cannot be run by engine " + engine_ +
           ", to compare it with the source: " + why +
           (options_.keep ? "" : "; --keep keeps it without that");
  }

  /// What an exporter warned of is often why.
  std::string warnings() const {
    std::string text;
    for (const auto& each : report_.warnings) text += (text.empty() ? "" : "; ") + each;
    return text.empty() ? "" : "; the exporter warned: " + text;
  }

  void run_all(const fs::path& model, const std::vector<ConvertSample>& samples) {
    SessionConfig config;
    config.engine = engine_;
    config.device = "cpu";
    config.isolation = Isolation::kProcess;
    config.cache_dir = "";
    config.threads = options_.threads;
    config.progress = [&](const char*, uint64_t, uint64_t) {
      return !(options_.should_stop && options_.should_stop());
    };
    const InferenceSession session(model, config);
    const SessionReport built = session.report();
    report_.engine = engine_ + " " + built.engine_version;
    for (const ConvertSample& sample : samples) {
      ConvertRun& run = report_.runs.emplace_back();
      for (const auto& [name, tensor] : sample.inputs) {
        run.inputs.push_back({.name = name, .dtype = tensor.dtype(), .shape = tensor.shape()});
      }
      const NamedTensors outputs = session.run(taken(session, sample.inputs));
      run.outputs = compare_outputs(sample.outputs, outputs, report_.tolerance);
    }
  }

  /// Exporters leave out inputs that nothing depends on.
  NamedTensors taken(const InferenceSession& session, const NamedTensors& inputs) {
    NamedTensors taken;
    for (const auto& [name, tensor] : inputs) {
      const auto has_name = [&](const TensorInfo& info) { return info.name == name; };
      const auto& infos = session.input_info();
      if (std::ranges::any_of(infos, has_name)) {
        taken.set(name, tensor);
      } else if (report_.runs.size() == 1) {
        report_.warnings.push_back("the result has no input '" + name +
                                   "': nothing that it gives depends on it");
      }
    }
    return taken;
  }

  const std::string engine_;
  const ConvertOptions& options_;
  ConvertReport& report_;
};

/// Moves what is in the work folder to its place, the model last: whoever sees it sees all.
void place(const std::vector<fs::path>& files, const fs::path& notes, const fs::path& output,
           ConvertReport& report) {
  const fs::path folder = output.parent_path();
  report.notes = notes_beside(output);
  std::vector<std::pair<fs::path, fs::path>> moves{{notes, report.notes}};
  for (const fs::path& file : files) {
    const auto at = file.filename() == output.filename() ? moves.end() : moves.begin();
    moves.insert(at, {file, folder / file.filename()});
  }
  for (const auto& [from, to] : moves) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) throw UnavailableError(to.string() + ": cannot be written: " + error.message());
    if (to == output) report.files.insert(report.files.begin(), to);
    if (to != output && to != report.notes) report.files.push_back(to);
  }
}

void check_options(const ConvertOptions& options) {
  if (!options.preprocessing.empty()) preprocessing_from_json(options.preprocessing);
  if (options.tolerance) check_tolerance(*options.tolerance);
  if (!options.input_shapes.empty() && options.source_options.contains("inputs")) {
    throw InvalidArgumentError("input shapes are given, and by option inputs too; expected one");
  }
  if (options.threads < 0) throw InvalidArgumentError("threads: expected 0 or more");
}

}  // namespace

bool ConvertReport::agrees() const {
  return failure.empty() && !runs.empty() &&
         std::ranges::all_of(runs, [](const ConvertRun& run) { return all_agree(run.outputs); });
}

ConvertReport convert(const fs::path& source, const ConvertOptions& options) {
  const auto begin = Clock::now();
  const Format& format = format_named(options.format);
  check_options(options);
  check_source(source);
  const fs::path output = output_of(source, format, options.output);
  check_output(output, source, format, options.overwrite);
  const NamedTensors inputs = given_inputs(options);
  ConvertReport report;
  report.source = source.string();
  report.format = options.format;
  report.tolerance = options.tolerance.value_or(options.fp16 ? kRelaxed : kStrict);
  Check check(format, options, report);
  try {
    check.engine_is_there();
  } catch (const XpuRuntimeError&) {
    check_conversion(source, output, options);  // who cannot convert needs no engine
    throw;
  }
  const WorkFolder folder(output);
  const fs::path made = folder.path() / output.filename();
  const Conversion conversion = convert_in_worker(source, made, options, inputs);
  report.warnings = conversion.warnings;
  read_info(conversion.info, report);
  const fs::path notes = notes_beside(made);
  const auto write_notes = [&] {
    const std::string text =
        merged_notes(conversion.info, report, output.filename().string(), options.preprocessing,
                     notes_beside(output), options.overwrite);
    write_file_atomically(notes, {std::as_bytes(std::span(text))});
  };
  write_notes();  // which the engine that runs the result reads
  if (options.progress) options.progress({"check", 0.9});
  check.run(made, conversion.samples);
  if (options.should_stop && options.should_stop()) {
    throw CancelledError("the conversion was interrupted");
  }
  if (report.agrees() || options.keep) {
    write_notes();
    place(conversion.files, notes, output, report);
  }
  report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return report;
}

}  // namespace xpuruntime::toolkit
