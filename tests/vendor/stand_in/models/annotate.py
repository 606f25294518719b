"""The result of a model."""


class Answer:
    def __init__(self, objects=None, classifications=None, relations=None):
        self.objects = objects or []
        self.classifications = classifications or []
        self.relations = relations or []

    def toDict(self):
        return {"objects": self.objects, "classifications": self.classifications, "relations": self.relations}


class AnnotationPayload:
    def __init__(self, answer=None, brush_data_url=None, medical_brush_data_url=None, brush_data=None, medical_brush_data=None):
        self.answer = answer
        self.brush_data_url = brush_data_url
        self.medical_brush_data_url = medical_brush_data_url
        self.brush_data = brush_data
        self.medical_brush_data = medical_brush_data
