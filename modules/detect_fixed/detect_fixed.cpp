// Module "detect-fixed", kinds Model and Batch Model: gives every asset the boxes that its options name. For tests and
// tutorials: it handles classes, options and labels like any model, but it looks at no image.
#include "detect_fixed/fixed_labels.hpp"

#include <ango/module.hpp>

#include <string>
#include <string_view>

namespace ango::detect_fixed {

using common::Options;

namespace {

class DetectFixed : public Model {
public:
    explicit DetectFixed(std::string_view settings) : settings_(settings) {
        Options options(settings_, "{}");
        own_ = read_fixed_labels(options);
        if (const auto unknown = options.unknown_names(); !unknown.empty()) throw Failure(unknown.front());
    }

    std::string predict(Job &job, const ModelAsset &asset) override {
        take_up(job, asset);
        return labels_;
    }

    std::string describe() const { return description_json(own_); }

private:
    /// Prepares labels_ for the run of this asset. All assets of one run have the same labels.
    void take_up(Job &job, const ModelAsset &asset) {
        std::string run = std::string(job.field("session").value_or("")) + "\n" + std::string(job.config()) + "\n" +
                          std::string(asset.classes);
        if (run == run_) return;
        run_.clear();
        Options options(settings_, job.config());
        const FixedLabels fixed = read_fixed_labels(options);
        Mapping mapping = read_mapping(asset.classes);
        for (const std::string &sentence : add_alike(classes_of(fixed), mapping)) job.warning(sentence);
        std::string unmapped;
        std::size_t mapped = 0;
        for (const std::string &name : classes_of(fixed)) {
            if (mapping.contains(name))
                ++mapped;
            else
                unmapped += (unmapped.empty() ? "" : ", ") + name;
        }
        if (mapped == 0)
            throw Failure("No class of this plugin is mapped to a class of the project, so nothing can be "
                          "labelled. Its classes: " +
                          (unmapped.empty() ? "none" : unmapped) + ". Map them when you run the plugin.");
        for (const std::string &sentence : options.unknown_names()) job.warning(sentence);
        if (!unmapped.empty()) job.info("Left out, because they are mapped to no class of the project: " + unmapped);
        labels_ = labels_json(fixed, mapping);
        run_ = std::move(run);
    }

    const std::string settings_;
    FixedLabels own_;
    std::string run_, labels_; // of the last run: most assets are of the same run
};

} // namespace

} // namespace ango::detect_fixed

ANGO_MODULE(ango::detect_fixed::DetectFixed, {.id = "detect-fixed",
                                              .version = "0.1.0",
                                              .name = "Fixed detector",
                                              .summary = "Labels every asset with the same boxes"})
