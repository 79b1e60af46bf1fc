/** The page: connects the store to the views and the views to the actions. Each part re-renders only for what it reads. */
import { effect } from "@preact/signals";
import { render } from "preact";
import * as actions from "./actions.js";
import { dropped } from "./dropped.js";
import { cancel } from "./jobs.js";
import * as store from "./store.js";
import { AskPart } from "./views/ask.jsx";
import { BatchPart } from "./views/batch.jsx";
import { Before } from "./views/before.jsx";
import { Charts } from "./views/charts.jsx";
import { Columns } from "./views/columns.jsx";
import { Frame, Hero, Rail, StatusLine } from "./views/frame.jsx";
import { Learned } from "./views/learned.jsx";
import { LogPart } from "./views/log.jsx";
import { ModelPart } from "./views/model.jsx";
import { ResultsPart } from "./views/results.jsx";
import { TrainPart } from "./views/train.jsx";
import { UnderstoodPart } from "./views/understood.jsx";

const loadDraw = () => import("./curve.js").then((module) => module.drawCurve);

function Parts() {
  const hasLog = store.log.value !== null;
  const hasModel = store.model.value !== null;
  return (
    <Rail
      here={store.here.value}
      parts={[
        { id: "log", name: "Log", open: true },
        { id: "understood", name: "What we understood", open: hasLog },
        { id: "train", name: "Train", open: hasLog },
        { id: "results", name: "How good it is", open: hasModel },
        { id: "ask", name: "Ask about one server", open: hasModel },
        { id: "batch", name: "Score a whole log", open: hasModel },
        { id: "model", name: "Keep the model", open: hasModel },
      ]}
    />
  );
}

/** Nothing was opened yet: the page introduces itself. */
const isFirst = () => store.log.value === null && store.model.value === null;

function TheHero() {
  return isFirst() ? <Hero /> : <h1 class="sr-only">crash-predictor</h1>;
}

function TheLog() {
  return (
    <LogPart
      log={store.log.value}
      first={isFirst()}
      reading={store.reading.value}
      problem={store.problems.value.log}
      over={store.dragOver.value === "log"}
      onOver={(over) => actions.dragOver("log", over)}
      onFiles={actions.openFiles}
      onSample={actions.trySample}
      onCancel={() => cancel(store.reading, "Reading was cancelled.")}
    />
  );
}

function Understood() {
  const log = store.log.value;
  if (log === null) return null;
  return (
    <UnderstoodPart
      log={log}
      schema={store.schema.value}
      choices={store.choices.value}
      problem={store.problems.value.columns}
      hasChoices={store.hasChoices.value}
      onIncidents={actions.listIncidents}
      onChoose={actions.choose}
      onForget={actions.forgetChoices}
      onReread={actions.rereadLog}
    >
      <Columns log={log} schema={store.schema.value} view={store.columnView.value} onView={actions.viewColumns} onRole={actions.chooseRole} />
    </UnderstoodPart>
  );
}

function Train() {
  if (store.log.value === null) return null;
  return (
    <TrainPart
      schema={store.schema.value}
      ahead={store.ahead.value}
      choices={store.choices.value}
      options={store.options.value}
      training={store.training.value}
      problem={store.problems.value.train}
      onAim={actions.aim}
      onMeans={actions.sayLabelMeans}
      onOptions={actions.setOptions}
      onTrain={actions.train}
      onCancel={() => cancel(store.training, "Training was cancelled. What you had is still here.")}
    />
  );
}

function Results() {
  const model = store.model.value;
  if (model === null) return null;
  const { summary, evaluation } = model.predictor;
  return (
    <ResultsPart model={model}>
      <Charts evaluation={evaluation} loadDraw={loadDraw} />
      <Learned summary={summary} shown={store.shown.value.terms} onMore={(count) => actions.showMore("terms", count)} />
    </ResultsPart>
  );
}

function Ask() {
  const model = store.model.value;
  if (model === null) return null;
  return (
    <AskPart
      model={model}
      answers={store.answers.value}
      prediction={store.prediction.value}
      problem={store.problems.value.ask}
      shown={store.shown.value.fields}
      onAnswer={actions.answer}
      onTypical={actions.answerTypical}
      onUnknown={actions.answerUnknown}
      onMore={(count) => actions.showMore("fields", count)}
    >
      <Before
        model={model}
        before={store.before.value}
        moment={store.moment.value}
        problem={store.problems.value.before}
        onMoment={actions.sayWhen}
        onKeep={actions.keepRow}
        onForget={actions.forgetRows}
      />
    </AskPart>
  );
}

function Batch() {
  if (store.model.value === null) return null;
  return (
    <BatchPart
      log={store.log.value}
      rule={store.model.value.predictor.evaluation.alarmRule}
      scoring={store.scoring.value}
      scored={store.scored.value}
      problem={store.problems.value.batch}
      over={store.dragOver.value === "batch"}
      onOver={(over) => actions.dragOver("batch", over)}
      onFiles={actions.scoreFiles}
      onLog={actions.scoreLog}
      onCancel={() => cancel(store.scoring, "Scoring was cancelled.")}
    />
  );
}

function TheModel() {
  const model = store.model.value;
  if (model === null) return null;
  return (
    <ModelPart
      model={model}
      problem={store.problems.value.model}
      onSave={actions.saveModel}
      onExport={actions.exportModel}
      onLoad={(file) => actions.loadModel(file, "model")}
    />
  );
}

function Status() {
  return <StatusLine notice={store.notice.value} />;
}

/** Tells the store which part lies across the upper third of the window. */
function watchParts() {
  const sight = new IntersectionObserver(
    (entries) => {
      const entered = entries.find((entry) => entry.isIntersecting);
      if (entered !== undefined) actions.arriveAt(entered.target.id);
    },
    { rootMargin: "-30% 0px -70% 0px" },
  );
  effect(() => {
    void store.log.value;
    void store.model.value;
    requestAnimationFrame(() => {
      for (const part of document.querySelectorAll("main > section")) sight.observe(part);
    });
  });
}

function Page() {
  return (
    <Frame rail={<Parts />}>
      <TheHero />
      <TheLog />
      <Understood />
      <Train />
      <Results />
      <Ask />
      <Batch />
      <TheModel />
      <Status />
    </Frame>
  );
}

// A file dropped beside a drop zone would replace the page, and with it everything the user has: it is opened instead.
const holdsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
addEventListener("dragover", (event) => {
  if (holdsFiles(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  void actions.openFiles(dropped(event));
});

render(<Page />, /** @type {HTMLElement} */ (document.getElementById("app")));
watchParts();
