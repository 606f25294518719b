// A model labels one asset at a time. This one serves the kinds Model (interactive and in a workflow) and Batch Model.
#include <ango/module.hpp>

#include <cstddef>
#include <string>
#include <string_view>

struct ModuleClass : ango::Model {
    /// Returns the labels of the asset as JSON: here one box of the first class that the user mapped.
    std::string predict(ango::Job &job, const ango::ModelAsset &asset) override {
        // A real model looks at the image: job.fetch(asset.data, 50'000'000) gets the file behind the URL.
        const std::string class_id = first_class(asset.classes);
        job.info("drew one box of class " + class_id + " on " + std::string(asset.data));
        return R"({"objects":[{"schemaId":")" + class_id +
               R"(","bounding-box":{"x":10,"y":10,"width":100,"height":50}}]})";
    }

    /// The first schemaId in the mapping from classes of the model to classes of the project, which looks like this:
    /// [{"schemaId": "schema-1", "modelClass": "car"}]. A real module uses a JSON library here.
    static std::string first_class(std::string_view classes) {
        const std::size_t name = classes.find("\"schemaId\"");
        if (name == classes.npos) throw ango::Failure("Map a class of the project before you run this plugin.");
        classes.remove_prefix(classes.find('"', classes.find(':', name)) + 1);
        return std::string(classes.substr(0, classes.find('"')));
    }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Draws one box on every asset"})
