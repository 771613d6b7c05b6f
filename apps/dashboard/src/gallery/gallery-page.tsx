/** All components in all their states, side by side, while developing: no build has this page. Nothing on it asks a server. */
import { Inbox, Plus } from 'lucide-react';
import { useState } from 'react';
import { Badge, SeverityMark, StateBadge } from '../ui/badge.js';
import { Button, SplitButton } from '../ui/button.js';
import { CodeBlock } from '../ui/copy.js';
import { CancelButton, Dialog, DialogForm } from '../ui/dialog.js';
import { Field, Input, Select, Textarea } from '../ui/field.js';
import { ChoiceMenu } from '../ui/menu.js';
import { Page } from '../ui/panel.js';
import { Segmented } from '../ui/segmented.js';
import { Empty, Skeleton, SkeletonRows } from '../ui/states.js';
import { Ago, Countdown } from '../ui/time.js';
import { GalleryCharts } from './gallery-charts.js';
import { GalleryData } from './gallery-data.js';
import { GalleryWork } from './gallery-work.js';
import { Group, Row } from './group.js';

export function GalleryPage() {
  return (
    <main>
      <Page
        title="Gallery"
        lead="Every component, in every state. Change the scheme, the width and the motion of the browser, and look."
      >
        <div className="grid gap-4 lg:grid-cols-2">
          <Buttons />
          <Fields />
          <Marks />
          <Choices />
          <States />
          <GalleryData />
          <GalleryWork />
          <GalleryCharts />
        </div>
      </Page>
    </main>
  );
}

const looks = ['primary', 'plain', 'ghost', 'danger', 'warning'] as const;

function Buttons() {
  return (
    <Group title="Buttons">
      {looks.map((look) => (
        <Row key={look}>
          <Button look={look}>{look}</Button>
          <Button look={look} size="sm">
            {look}, small
          </Button>
          <Button look={look} busy>
            {look}, busy
          </Button>
          <Button look={look} disabled>
            {look}, disabled
          </Button>
        </Row>
      ))}
      <Row>
        <Button size="lg">large</Button>
        <Button size="icon" aria-label="icon alone">
          <Plus aria-hidden />
        </Button>
        <SplitButton look="primary" more="Do it until…" onMore={() => {}}>
          Do it
        </SplitButton>
        <SplitButton size="sm" more="Do it small until…" onMore={() => {}}>
          Do it small
        </SplitButton>
      </Row>
    </Group>
  );
}

function Fields() {
  return (
    <Group title="Fields">
      <Field label="Text" hint="A sentence below the control.">
        {(ids) => <Input {...ids} defaultValue="as it is" />}
      </Field>
      <Field label="With a fault" fault="must be a number">
        {(ids) => <Input {...ids} defaultValue="most" />}
      </Field>
      <Field label="Disabled">{(ids) => <Input {...ids} disabled defaultValue="not now" />}</Field>
      <Field label="A choice">
        {(ids) => (
          <Select {...ids}>
            <option>one</option>
            <option>another with a name that is longer than its field is wide on a phone</option>
          </Select>
        )}
      </Field>
      <Field label="More text">{(ids) => <Textarea {...ids} defaultValue="Several lines." />}</Field>
    </Group>
  );
}

function Marks() {
  const [now] = useState(() => Date.now());
  return (
    <Group title="Marks and times">
      <Row>
        {(['low', 'medium', 'high', 'critical'] as const).map((severity) => (
          <SeverityMark key={severity} severity={severity} withName />
        ))}
      </Row>
      <Row>
        {(['open', 'acknowledged', 'snoozed', 'resolved'] as const).map((state) => (
          <StateBadge key={state} state={state} />
        ))}
        <Badge>plain</Badge>
      </Row>
      <Row>
        <Ago ts={now - 90_000} /> <Ago ts={now - 5 * 86_400_000} /> <Countdown until={now + 42_000} />{' '}
        <Countdown until={now - 1} />
      </Row>
      <CodeBlock label="command" code="npm start" />
      <CodeBlock
        label="lines"
        code={'one\nanother, that is a good deal longer than a phone is wide and has to be wrapped somewhere'}
      />
    </Group>
  );
}

const sides = [
  { value: 'one', name: 'One' },
  { value: 'two', name: 'Two' },
  { value: 'three', name: 'Three' },
] as const;

function Choices() {
  const [side, setSide] = useState<'one' | 'two' | 'three'>('one');
  const [chosen, setChosen] = useState<('one' | 'two' | 'three')[]>(['two']);
  const [open, setOpen] = useState(false);
  return (
    <Group title="Choices and dialogs">
      <Segmented label="Side" value={side} choices={sides} onChange={setSide} />
      <Segmented label="Side, disabled" value={side} choices={sides} disabled onChange={setSide} />
      <Row>
        <ChoiceMenu label="Menu" chosen={chosen} choices={sides} onChange={setChosen} />
        <Button onClick={() => setOpen(true)}>Open the dialog</Button>
      </Row>
      <Dialog open={open} onOpenChange={setOpen} title="A dialog" description="It keeps the focus, and gives it back.">
        <DialogForm
          onSubmit={() => setOpen(false)}
          error={new Error('What went wrong with the last try.')}
          actions={
            <>
              <CancelButton />
              <Button type="submit" look="danger">
                Confirm
              </Button>
            </>
          }
        >
          <Field label="Reason">{(ids) => <Textarea {...ids} />}</Field>
        </DialogForm>
      </Dialog>
    </Group>
  );
}

function States() {
  return (
    <Group title="Waiting and empty">
      <SkeletonRows rows={2} />
      <Skeleton className="h-6 w-40" />
      <Empty icon={Inbox} title="Nothing here">
        What will come, and what to do for it.
      </Empty>
    </Group>
  );
}
