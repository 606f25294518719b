// The part of a converter that is the same for every target format: it reads asset after asset, filters, finds the
// images in each asset, and gives each image with its tools to the format. It works in one pass and keeps one hash for
// each name.
#pragma once

#include "common/accounting.hpp"
#include "common/asset_kind.hpp"
#include "common/converter_options.hpp"
#include "common/json.hpp"
#include "common/names.hpp"
#include "common/output_name.hpp"
#include "common/record.hpp"
#include "common/report.hpp"
#include "common/tool.hpp"

#include <ango/module.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ango::common {

/// One image of the result: an image asset, a page of a multi-image asset or a video frame. Valid during the call.
struct Image {
    const Record &record;
    const Task &task;
    std::string_view name;             ///< unique in the run, relative, '/' between folders
    std::string_view url;              ///< without query string; may be empty
    Size size;                         ///< may be unknown
    std::optional<std::uint64_t> page; ///< of a multi-page asset or video
    bool first_of_task;                ///< the first image made of this task
    std::span<const ToolEntry> tools;
};

/// A target format. Every tool that it is given must end in exactly one bucket of the accounting (settle_emitted,
/// settle_merged, settle_dropped).
class Format {
public:
    virtual ~Format() = default;
    virtual void image(const Image &image) = 0;
    /// Whether the format has a place for such a tool. Frames are interpolated only for tools that it takes.
    virtual bool takes(Tool tool) const = 0;
    /// Whether the format counts the relations of a task itself. Otherwise all of them are noted as relations_dropped.
    virtual bool counts_relations() const { return false; }
};

class Conversion {
public:
    /// All references must outlive this. label_extension: the end of each name, in place of the image's own extension.
    Conversion(Job &job, const ConverterOptions &options, Accounting &books, Format &format,
               std::optional<std::string_view> label_extension = std::nullopt);

    /// Converts every asset. Throws ango::Failure for an array element that is not valid JSON (FORMATS.md 1.1).
    void run(Reader &assets);

    /// To be called at the end. Logs a warning for each reason, for bad records and for an empty result, one info line
    /// with the counts of the tools, and one with the notes.
    void log_outcome();

    NamesTable &names() { return names_; }

private:
    void convert(const Asset &asset);
    void bad_record(const Asset &asset, const std::string &why);
    void convert_record();
    bool batch_wanted();
    bool review_wanted(const Task &task);
    void skip_asset(Reason why);
    bool convert_tasks(AssetKind kind);
    void convert_task(const Task &task, AssetKind kind, bool name_with_task);
    void pages(const Task &task, const OutputNames::Name &base);
    void frames(const Task &task, const OutputNames::Name &base);
    void emit(const Task &task, OutputNames::Name base, std::optional<std::uint64_t> page, std::string_view url,
              Size size, std::span<const ToolEntry> tools);
    Size size_of_record(std::span<const ToolEntry> tools);
    void count_relations(const Task &task);
    void log_reason(Reason why);

    Job &job_;
    const ConverterOptions &options_;
    Accounting &books_;
    Format &format_;
    std::optional<std::string_view> label_extension_;
    OutputNames output_names_;
    const NameIndex wanted_batches_;
    bool told_of_batch_ = false; ///< that a batch differs from a wanted one in upper and lower case
    NamesTable names_;
    UnknownMembers unknown_;
    JsonParser parser_;
    Record record_;
    std::vector<ToolEntry> tools_;
    std::vector<ToolEntry> ends_; // of a video whose frames are interpolated
    bool first_of_task_ = true;
    std::uint64_t bad_records_ = 0, doubtful_sizes_ = 0;
};

/// Throws, and so ends the job, if the job should stop. Cheap: call it in every loop whose length the input decides.
void stop_if_cancelled(const Job &job);

} // namespace ango::common
